/**
 * Any calls one after the other, at any times, held against the reference after each: the rules alone, so that there can be many
 * more than an object's histories have.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decideDelete } from "../../../src/worker/core/delete.ts";
import { decideDeregister } from "../../../src/worker/core/deregister.ts";
import { decideDescribe } from "../../../src/worker/core/describe.ts";
import { decideList } from "../../../src/worker/core/list.ts";
import { decidePurge } from "../../../src/worker/core/purge.ts";
import { decideRegister } from "../../../src/worker/core/register.ts";
import { decideReport } from "../../../src/worker/core/report.ts";
import { decideResolve } from "../../../src/worker/core/resolve.ts";
import { decideUpdate } from "../../../src/worker/core/update.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { type HistoryCall, historyCall } from "../../support/history.ts";
import { failedOf, KnownTokens, playCall } from "../../support/play-call.ts";
import { POLICIES, type Policy } from "../../support/policies.ts";
import { ReferenceRegister } from "../../support/reference.ts";
import {
  deregistering,
  describing,
  listing,
  registration,
  reporting,
  resolving,
  updating,
} from "../../support/requests.ts";
import { applied, idOf, meaningOf, NOW } from "../../support/rows.ts";
import { toldBy } from "../../support/told.ts";

const { HISTORIES, SEED } = env as { HISTORIES?: string; SEED?: string };
const RUNS = 10 * Number(HISTORIES || 40);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const step = fc.record({
  call: historyCall,
  // Times that are as long as rules look back, and clocks that step back.
  pauseMs: fc.constantFrom(
    0,
    0,
    1,
    1,
    HOUR_MS,
    DAY_MS - 1,
    DAY_MS,
    7 * DAY_MS,
    7 * DAY_MS + 1,
    14 * DAY_MS,
    -1,
    -25 * HOUR_MS,
  ),
  purges: fc.boolean(),
});

class Sequence {
  now = NOW;
  rows: Row[] = [];
  readonly reference: ReferenceRegister;
  readonly #policy: Policy;
  readonly #tokens = new KnownTokens();
  #made = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.reference = new ReferenceRegister(policy);
  }

  /** What a call comes to by the rules, and by the reference. */
  take(call: HistoryCall): { told: string; expected: string } {
    const circumstances = this.#circumstances();
    const { answer, ...changes } = this.#decide(call);
    this.rows = applied(this.rows, changes);
    this.#made += changes.put?.some(({ endpointId }) => endpointId === circumstances.newId) ? 1 : 0;
    const expected = playCall(this.reference, call, circumstances);
    this.#tokens.look(this.rows);
    return { told: toldBy(answer), expected };
  }

  purge(): void {
    this.rows = applied(this.rows, decidePurge(this.rows, this.now));
    this.reference.purge(this.now);
  }

  #circumstances() {
    const named = (endpoint: number) => idOf(this.#made - 1 - endpoint);
    return { now: this.now, named, newId: idOf(this.#made), tokens: this.#tokens };
  }

  #decide(call: HistoryCall) {
    const { rows, now } = this;
    const { named, newId } = this.#circumstances();
    const row = (id: string) => rows.find(({ endpointId }) => endpointId === id);
    const staleAfterMs = (this.#policy.staleDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
    switch (call.call) {
      case "register": {
        const { limit: endpointsMax, adopts } = this.#policy;
        const rules = { now, endpointsMax, adopts, staleAfterMs, newId: () => newId };
        return decideRegister(rows, registration(call.request), rules);
      }
      case "update": {
        const { endpoint, call: _, ...changes } = call;
        return decideUpdate(row(named(endpoint)), updating(named(endpoint), changes), now, () => rows);
      }
      case "describe":
        return decideDescribe(row(named(call.endpoint)), describing(named(call.endpoint)));
      case "deregister":
        return decideDeregister(rows, deregistering(named(call.endpoint)), now);
      case "erase":
        return decideDelete(rows, now);
      case "list":
        return decideList(() => rows, listing({ maxResults: call.maxResults }), "a user");
      case "resolve":
        return decideResolve(rows, resolving({ resourceArn: call.resourceArn }), { now, staleAfterMs });
      case "report": {
        const failures = call.failures.map((failure) => failedOf(failure, this.#circumstances()));
        return decideReport(row, reporting(...failures), now);
      }
    }
  }
}

it("any sequence of calls goes as the reference says, in every answer and in what is stored after it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...POLICIES), fc.array(step, { maxLength: 60, size: "max" }), (policy, steps) => {
      const sequence = new Sequence(policy);
      for (const { call, pauseMs, purges } of steps) {
        sequence.now += pauseMs;
        if (purges) {
          sequence.purge();
        }
        const { told, expected } = sequence.take(call);
        expect(told).toBe(expected);
        expect(sequence.rows.map(meaningOf)).toEqual(sequence.reference.stored());
      }
    }),
    { numRuns: RUNS, ...(SEED && { seed: Number(SEED) }) },
  );
});
