import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer, RegisterAppInstanceUserEndpointRequest } from "../../src/model/operations.ts";
import { ReferenceRegister, type Told } from "../support/reference.ts";
import { registration } from "../support/requests.ts";
import { NOW } from "../support/rows.ts";
import { freshUser, stored, type User } from "../support/user-object.ts";

const HOUR_MS = 3_600_000;
const RUNS = 60;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

/** A step of a history. Endpoints are named by the order in which they were made, for their ids are not known before. */
type Step =
  | { readonly step: "register"; readonly request: Partial<RegisterAppInstanceUserEndpointRequest> }
  | {
      readonly step: "update";
      readonly endpoint: number;
      readonly name?: string;
      readonly allowMessages?: "ALL" | "NONE";
    }
  | { readonly step: "describe" | "deregister"; readonly endpoint: number }
  | { readonly step: "list"; readonly maxResults: number }
  | { readonly step: "clock"; readonly ms: number }
  | { readonly step: "evict" | "alarm" };

const endpoint = fc.nat(14);
const name = fc.constantFrom("", "phone");
const allowMessages = fc.constantFrom("ALL" as const, "NONE" as const);

const register = fc.record(
  {
    // Few tokens and devices, so that they meet.
    clientRequestToken: fc.nat(17).map((n) => `request-${n}`),
    endpointAttributes: fc.nat(13).map((n) => ({ deviceToken: `device-${n}` })),
    type: fc.constantFrom("GCM" as const, "GCM" as const, "GCM" as const, "APNS" as const),
    name,
    allowMessages,
  },
  { requiredKeys: ["clientRequestToken", "endpointAttributes", "type"] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: register.map((request) => ({ step: "register" as const, request })) },
  { weight: 4, arbitrary: endpoint.map((n) => ({ step: "deregister" as const, endpoint: n })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ endpoint, name, allowMessages }, { requiredKeys: ["endpoint"] })
      .map((changes) => ({ step: "update" as const, ...changes })),
  },
  { weight: 1, arbitrary: endpoint.map((n) => ({ step: "describe" as const, endpoint: n })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }).map((maxResults) => ({ step: "list" as const, maxResults })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(-25 * HOUR_MS, -1, 1, 12 * HOUR_MS, 24 * HOUR_MS - 1_000, 24 * HOUR_MS)
      .map((ms) => ({ step: "clock" as const, ms })),
  },
  { weight: 1, arbitrary: fc.constantFrom({ step: "evict" as const }, { step: "alarm" as const }) },
);

/** Plays a history against a user's object and against the reference, and compares every answer. */
class Play {
  readonly #user: User = freshUser();
  readonly #reference = new ReferenceRegister();
  readonly #made: string[] = [];
  readonly #arn = registration().appInstanceUserArn;

  async take(step: Step): Promise<void> {
    // A second between two calls, so that no throttle comes between them: that has tests of its own.
    vi.setSystemTime(Date.now() + 1_000);
    const now = Date.now();
    switch (step.step) {
      case "register":
        return this.#register(registration(step.request), now);
      case "update": {
        const { endpoint, step: _, ...changes } = step;
        const request = { ...this.#named(endpoint), ...changes };
        const answer = await this.#user.updateAppInstanceUserEndpoint(request);
        return expect(told(answer)).toBe(this.#reference.update(request, now));
      }
      case "describe": {
        const answer = await this.#user.describeAppInstanceUserEndpoint(this.#named(step.endpoint));
        return expect(toldOfEndpoint(answer)).toBe(this.#reference.describe(this.#named(step.endpoint).endpointId));
      }
      case "deregister": {
        const answer = await this.#user.deregisterAppInstanceUserEndpoint(this.#named(step.endpoint));
        this.#reference.deregister(this.#named(step.endpoint).endpointId, now);
        return expect(answer).toEqual({ kind: "ok", response: {} });
      }
      case "list":
        return expect(await this.#listed(step.maxResults)).toEqual(this.#reference.list());
      case "clock":
        vi.setSystemTime(now + step.ms);
        return;
      case "evict":
        // Only what runs can be evicted, and it may have been before.
        await stored(this.#user);
        return evictDurableObject(this.#user);
      case "alarm":
        if (await runDurableObjectAlarm(this.#user)) {
          this.#reference.purge(now);
        }
    }
  }

  /** Compares what is stored, once more after the object was evicted. */
  async end(): Promise<void> {
    for (let read = 0; read < 2; read++) {
      const { rows, alarm } = await stored(this.#user);
      expect(rows.map(({ ...row }) => ("fingerprint" in row ? { ...row, fingerprint: undefined } : row))).toEqual(
        this.#reference.stored(),
      );
      expect(alarm !== null || !this.#reference.hasTombstones()).toBe(true);
      await evictDurableObject(this.#user);
    }
  }

  async #register(request: RegisterAppInstanceUserEndpointRequest, now: number): Promise<void> {
    const answer = await this.#user.registerAppInstanceUserEndpoint(request);
    const id = answer.kind === "ok" ? answer.response.endpointId : "";
    const isNew = answer.kind === "ok" && !answer.replayed;
    expect(told(answer)).toBe(this.#reference.register(request, now, isNew ? id : "nothing new"));
    if (isNew) {
      expect(this.#made).not.toContain(id);
      this.#made.push(id);
    }
  }

  #named(endpoint: number) {
    return { appInstanceUserArn: this.#arn, endpointId: this.#made[endpoint] ?? "none" };
  }

  async #listed(maxResults: number): Promise<string[]> {
    const ids: string[] = [];
    let nextToken: string | undefined;
    do {
      vi.setSystemTime(Date.now() + 1_000);
      const request = { appInstanceUserArn: this.#arn, maxResults, ...(nextToken !== undefined && { nextToken }) };
      const answer = await this.#user.listAppInstanceUserEndpoints(request);
      if (answer.kind !== "ok") {
        throw new Error(told(answer));
      }
      ids.push(...answer.response.appInstanceUserEndpoints.map(({ endpointId }) => endpointId));
      nextToken = answer.response.nextToken;
    } while (nextToken !== undefined);
    return ids;
  }
}

function told(answer: Answer<{ readonly endpointId: string }> | Answer<unknown>): Told {
  if (answer.kind === "ok") {
    return `ok ${(answer.response as { endpointId: string }).endpointId}`;
  }
  return "endpointId" in answer ? `${answer.reason} ${answer.endpointId}` : answer.reason;
}

function toldOfEndpoint(answer: Awaited<ReturnType<User["describeAppInstanceUserEndpoint"]>>): Told {
  if (answer.kind !== "ok") {
    return told(answer);
  }
  const { endpointAttributes, name, allowMessages, createdTimestamp, lastUpdatedTimestamp } =
    answer.response.appInstanceUserEndpoint;
  return `ok ${endpointAttributes.deviceToken} ${name} ${allowMessages} ${createdTimestamp} ${lastUpdatedTimestamp}`;
}

describe("any history of a user", () => {
  it("goes as the rules say, in every answer and in what is stored at the end", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (history) => {
        vi.setSystemTime(NOW);
        const play = new Play();
        for (const next of history) {
          await play.take(next);
        }
        await play.end();
      }),
      { numRuns: RUNS },
    );
  });
});
