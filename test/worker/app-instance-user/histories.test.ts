/**
 * Random histories of a user: calls of all operations, many at the same time, with alarms and restarts among them, and
 * with evictions and clocks that move, also back, between them. Nobody knows in which order the object took calls of the
 * same time. What must hold is that there is one in which the reference gives the very answers, and ends with what is
 * stored.
 */
import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import type { Answer, ResponseOf } from "../../../src/worker/model/user-rpcs.ts";
import { type HistoryCall, histories, type Step } from "../../support/history.ts";
import { IMPOSSIBLE, linearize, type Observed } from "../../support/linearize.ts";
import { type Circumstances, failedOf, KnownTokens, playCall } from "../../support/play-call.ts";
import { POLICIES, type Policy, variablesOf } from "../../support/policies.ts";
import { ReferenceRegister, type Told } from "../../support/reference.ts";
import {
  type Asked,
  asked,
  deleting,
  deregistering,
  describing,
  listing,
  registration,
  reporting,
  resolving,
  updating,
} from "../../support/requests.ts";
import { meaningOf, NOW } from "../../support/rows.ts";
import { toldBy } from "../../support/told.ts";
import { configure, evict, stored, type User, userNamed } from "../../support/user-object.ts";

const { HISTORIES, SEED } = env as { HISTORIES?: string; SEED?: string };
const RUNS = Number(HISTORIES || 60);

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());
afterEach(configure(variablesOf(POLICIES[0])));

type Observation = Observed<ReferenceRegister>;

/** Plays a history against a user's object, and keeps the states in which it may be by the reference. */
class Play {
  readonly #name = crypto.randomUUID();
  readonly #made: string[] = [];
  /** Where the list goes on that was seen last. */
  #page: Page | undefined;
  #states: ReferenceRegister[];
  readonly #tokens = new KnownTokens();

  constructor(policy: Policy) {
    this.#states = [new ReferenceRegister(policy)];
  }

  async take(step: Step): Promise<void> {
    if ("clockMs" in step) {
      vi.setSystemTime(Date.now() + step.clockMs);
    } else if ("calls" in step) {
      await this.#atOnce(step);
    } else {
      await this.#restart();
    }
  }

  /** Compares what is stored, once more after the object was evicted. */
  async end(): Promise<void> {
    for (let read = 0; read < 2; read++) {
      const { rows, alarm } = await stored(this.#user());
      expect(this.#states.map((state) => canonical(state.stored()))).toContain(canonical(rows.map(meaningOf)));
      expect(alarm !== null || !rows.some(({ state }) => state === "deregistered")).toBe(true);
      await evict(this.#user());
    }
  }

  async #restart(): Promise<void> {
    await evict(this.#user());
    for (const state of this.#states) {
      state.restart();
    }
  }

  async #atOnce({ calls, among }: Extract<Step, { calls: unknown }>): Promise<void> {
    const now = Date.now();
    const after = this.#page?.after;
    const others: Promise<Observation>[] = [];
    if (among === "alarm") {
      others.push(this.#alarm(now));
    }
    const answers = calls.map((call) => this.#answerTo(call));
    if (among === "restart") {
      others.push(abortAllDurableObjects().then(() => RESTARTED));
    }
    const [told, happened] = [await Promise.all(answers), await Promise.all(others)];
    const { rows } = await stored(this.#user());
    // What a registration without an answer made, if anything, has to be looked for.
    const fresh = rows.filter(({ endpointId }) => !this.#made.includes(endpointId));
    const idOf = ({ clientRequestToken, endpointAttributes: { deviceToken } }: Asked) => {
      const isItsOwn = (row: Row) => row.clientRequestToken === clientRequestToken;
      // Another registration of the device may have taken the endpoint over.
      const isItsDevice = (row: Row) => row.state === "live" && row.deviceToken === deviceToken;
      return (fresh.find(isItsOwn) ?? fresh.find(isItsDevice))?.endpointId;
    };
    const meanwhile = { now, idOf, named: (k: number) => this.#named(k), after, tokens: this.#tokens };
    const observed = calls.map((call, n) => observe(call, told[n], meanwhile));
    const explained = linearize(this.#states, [...observed, ...happened]);
    this.#states = explained.filter((state) => canonical(state.stored()) === canonical(rows.map(meaningOf)));
    expect(this.#states, JSON.stringify({ calls, among, told, rows, explained })).not.toEqual([]);
    const ids = calls.flatMap((call, n) =>
      call.call === "register" ? [idIn(told[n]) ?? idOf(asked(call.request))] : [],
    );
    this.#made.push(...ids.filter((id) => id !== undefined).filter((id) => !this.#made.includes(id)));
    this.#tokens.look(rows);
    if (among === "restart") {
      // Nobody can tell which of the calls it forgave their rate: another one forgives all.
      await this.#restart();
    }
  }

  /** A stub that was there at a restart may stay broken. */
  #user(): User {
    return userNamed(this.#name);
  }

  #named(endpoint: number): string {
    return this.#made.at(-1 - endpoint) ?? "none";
  }

  async #alarm(now: number): Promise<Observation> {
    const ran = await runDurableObjectAlarm(this.#user());
    return {
      told: "",
      play: (state) => {
        if (ran) {
          state.purge(now);
        }
        return "";
      },
    };
  }

  /** What a call was answered; undefined if it was not, because of a restart. */
  async #answerTo(call: HistoryCall): Promise<Told | undefined> {
    const answer = await this.#call(call).catch(() => undefined);
    this.#page = pageAfter(answer) ?? this.#page;
    return answer && toldBy(answer);
  }

  #call(call: HistoryCall): Promise<Answer<unknown>> {
    const user = this.#user();
    switch (call.call) {
      case "register":
        return user.registerAppInstanceUserEndpoint(registration(call.request));
      case "update": {
        const { endpoint, call: _, ...changes } = call;
        return user.updateAppInstanceUserEndpoint(updating(this.#named(endpoint), changes));
      }
      case "describe":
        return user.describeAppInstanceUserEndpoint(describing(this.#named(call.endpoint)));
      case "deregister":
        return user.deregisterAppInstanceUserEndpoint(deregistering(this.#named(call.endpoint)));
      case "erase":
        return user.deleteAppInstanceUser(deleting());
      case "list":
        return user.listAppInstanceUserEndpoints(
          listing({
            maxResults: call.maxResults,
            ...(call.goesOn && this.#page && { nextToken: this.#page.nextToken }),
          }),
        );
      case "resolve":
        return user.resolveAppInstanceUserEndpoints(resolving({ resourceArn: call.resourceArn }));
      case "report": {
        const meanwhile = { now: Date.now(), named: (n: number) => this.#named(n), tokens: this.#tokens };
        return user.reportAppInstanceUserEndpointFailures(
          reporting(...call.failures.map((failure) => failedOf(failure, meanwhile))),
        );
      }
    }
  }
}

const RESTARTED: Observation = {
  told: "",
  play: (state) => {
    state.restart();
    return "";
  },
};

/** A registration that made nothing has made no endpoint of this id. */
const NOTHING = "nothing";

interface Meanwhile extends Omit<Circumstances, "newId"> {
  /** Of what a registration without an answer made; undefined if it made nothing. */
  readonly idOf: (asked: Asked) => string | undefined;
}

/** How the reference plays a call, and what it has to tell. */
function observe(call: HistoryCall, answered: Told | undefined, { idOf, ...meanwhile }: Meanwhile): Observation {
  const newId = () => (call.call === "register" && answered === undefined ? idOf(asked(call.request)) : idIn(answered));
  const play = (state: ReferenceRegister): Told => {
    const told = playCall(state, call, { ...meanwhile, newId: newId() ?? NOTHING });
    return told === `ok ${NOTHING}` ? IMPOSSIBLE : told;
  };
  return {
    told: answered,
    play: (state) => (state.isThrottled(call.call, meanwhile.now) ? "OPERATION_RATE_EXCEEDED" : play(state)),
  };
}

/** Rows as text. */
function canonical(rows: readonly object[]): string {
  return JSON.stringify(
    rows.map((row) =>
      Object.entries(row)
        .filter(([, member]) => member !== undefined)
        .toSorted(([a], [b]) => a.localeCompare(b)),
    ),
  );
}

function idIn(told: Told | undefined): string | undefined {
  return told?.startsWith("ok ") ? told.slice("ok ".length) : undefined;
}

interface Page {
  readonly nextToken: string;
  readonly after: string;
}

function pageAfter(answer: Answer<unknown> | undefined): Page | undefined {
  const { nextToken, appInstanceUserEndpoints } = (answer?.kind === "ok" ? answer.response : {}) as Partial<
    ResponseOf<"listAppInstanceUserEndpoints">
  >;
  const after = appInstanceUserEndpoints?.at(-1)?.endpointId;
  return !nextToken || after === undefined ? undefined : { nextToken, after };
}

describe("any history of a user", () => {
  it("goes as the rules say, in every answer and in what is stored at the end", { timeout: 3_600_000 }, async () => {
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...POLICIES), histories, async (policy, history) => {
        vi.setSystemTime(NOW);
        configure(variablesOf(policy));
        const play = new Play(policy);
        for (const step of history) {
          await play.take(step);
          calls += "calls" in step ? step.calls.length : 0;
        }
        await play.end();
      }),
      { numRuns: RUNS, ...(SEED && { seed: Number(SEED) }) },
    );
    console.info(`${RUNS} histories, ${calls} calls`);
  });
});
