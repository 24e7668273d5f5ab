/**
 * Random histories whose calls meet faults on the way to the user's object and in it. The caller does what callers are
 * told to: it makes the same call again while it is answered 503. Every call must then have taken effect exactly once,
 * as the reference says, whatever became of the attempts.
 */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UserNamespace } from "../../../src/worker/model/user-rpcs.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import { ask } from "../../support/ask.ts";
import { type Answer, call, callerFor, type Members, type Operation, type Wire } from "../../support/calls.ts";
import { localService } from "../../support/credentials.ts";
import { type HistoryCall, historyCall } from "../../support/history.ts";
import { failedOf, KnownTokens, playCall } from "../../support/play-call.ts";
import { POLICIES, type Policy, variablesOf } from "../../support/policies.ts";
import { ReferenceRegister } from "../../support/reference.ts";
import { asked, freshUserArn } from "../../support/requests.ts";
import { meaningOf, NOW } from "../../support/rows.ts";
import { configure, stored, type User, userNamed } from "../../support/user-object.ts";
import { runtimeError } from "../../support/users.ts";

const { HISTORIES, SEED } = env as { HISTORIES?: string; SEED?: string };
const RUNS = Number(HISTORIES || 40);

const HOUR_MS = 3_600_000;

/** Between two calls: longer than any rate takes to refill, and as long as rules look back. */
const PAUSES_MS = [10_000, 10_000, 10_000, 12 * HOUR_MS, 8 * 24 * HOUR_MS, 15 * 24 * HOUR_MS];

/** More attempts than any call meets faults. */
const ATTEMPTS_MAX = 8;

type Fault = (call: () => Promise<unknown>, user: User) => Promise<unknown>;

const gone = () => Promise.reject(runtimeError({ retryable: true }));

const FAULTS: Readonly<Record<string, Fault>> = {
  overloaded: () => Promise.reject(runtimeError({ overloaded: true })),
  "disconnected before the commit": gone,
  "disconnected after the commit": (call) => call().then(gone),
  "reset after the commit": (call) => call().then(() => Promise.reject(runtimeError({ durableObjectReset: true }))),
  "storage not opened": () => Promise.reject(new Error("internal error; reference = 8coual1vpf6eaaeg5ksh2ii9")),
  "storage not read": (call, user) => failing(user, ["get", "list"], call),
  "storage not written": (call, user) => failing(user, ["put", "delete"], call),
  "an older release": () => Promise.reject(new TypeError('The RPC receiver does not implement the method "x".')),
  "a newer release": (call) => call().then(() => ({ kind: "postponed", until: 1 })),
};

/** A call while the storage, of every object in this runtime, can't be accessed in some ways. */
async function failing(
  user: User,
  accesses: readonly ("get" | "list" | "put" | "delete")[],
  call: () => Promise<unknown>,
) {
  const mocks = await runInDurableObject(user, (_, { storage }) =>
    accesses.map((access) =>
      vi.spyOn(Object.getPrototypeOf(storage.kv) as SyncKvStorage, access).mockImplementation(() => {
        throw new Error("disk I/O error: SQLITE_IOERR");
      }),
    ),
  );
  try {
    return await call();
  } finally {
    for (const mock of mocks) {
      mock.mockRestore();
    }
  }
}

/** After these the first attempt may have taken effect. */
const LATE: readonly string[] = ["disconnected after the commit", "reset after the commit", "a newer release"];

/** A call, how it is sent, and what its attempts to reach the object meet one after the other. */
const troubledCall = fc.record({
  call: historyCall,
  pauseMs: fc.constantFrom(...PAUSES_MS),
  wire: fc.constantFrom<Wire>("rest", "connect"),
  faults: fc.array(fc.constantFrom(...Object.keys(FAULTS)), { maxLength: 4 }),
});
type TroubledCall = typeof troubledCall extends fc.Arbitrary<infer Value> ? Value : never;

const troubledHistory = fc.array(troubledCall, { maxLength: 30, size: "max" });

class Play {
  faults = 0;
  readonly #arn: string;
  readonly #reference: ReferenceRegister;
  readonly #tokens = new KnownTokens();
  readonly #made: string[] = [];
  #ahead: string[] = [];
  readonly #app = createApp({
    ...localService(),
    users: { getByName: (name: string) => this.#stub(userNamed(name)) } as unknown as UserNamespace,
  });

  constructor(arn: string, policy: Policy) {
    this.#arn = arn;
    this.#reference = new ReferenceRegister(policy);
  }

  async take({ call, pauseMs, wire, faults }: TroubledCall): Promise<void> {
    vi.setSystemTime(Date.now() + pauseMs);
    this.#ahead = [...faults];
    const { status, body } = await this.#untilAnswered(wire, call);
    const id = String(body.endpointId);
    const expected = playCall(this.#reference, call, { ...this.#circumstances(), newId: id });
    expect(statusOf(expected), expected).toBe(status);
    if (call.call === "resolve" || (call.call === "report" && !faults.some((fault) => LATE.includes(fault)))) {
      expect(toldIn(body)).toBe(expected);
    }
    if (status === 409) {
      expect(body.message).toContain(expected.split(" ")[1]);
    } else if (call.call === "register" && status === 200) {
      expect(expected).toBe(`ok ${id}`);
      this.#made.push(...(this.#made.includes(id) ? [] : [id]));
    }
    await this.#compare();
  }

  async #compare(): Promise<void> {
    const { rows } = await stored(userNamed(objectName(this.#arn)));
    expect(rows.map(meaningOf)).toEqual(this.#reference.stored());
    this.#tokens.look(rows);
  }

  /** Calls again what was answered 503, or that the user could not be asked, after which the clock has not moved: the exact time of a write must not matter. */
  async #untilAnswered(wire: Wire, historyCall: HistoryCall): Promise<Answer> {
    const caller = await callerFor(this.#arn);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const server = (path: string, init: RequestInit) => ask(this.#app, path, init);
      const answer = await call(server, caller, wire, ...this.#request(historyCall));
      if (answer?.status !== 503 && !(answer?.body.errors as unknown[] | undefined)?.length) {
        return answer as Answer;
      }
    }
    throw new Error(`${historyCall.call} was never answered`);
  }

  #request(call: HistoryCall): [Operation, Members] {
    switch (call.call) {
      case "register":
        return ["Register", { ...asked(call.request) }];
      case "update": {
        const { call: _, endpoint, ...changes } = call;
        return ["Update", { endpointId: this.#named(endpoint), ...changes }];
      }
      case "describe":
        return ["Describe", { endpointId: this.#named(call.endpoint) }];
      case "deregister":
        return ["Deregister", { endpointId: this.#named(call.endpoint) }];
      case "erase":
        return ["Erase", {}];
      case "list":
        return ["List", { maxResults: call.maxResults }];
      case "resolve":
        return ["Resolve", call.resourceArn === undefined ? {} : { resourceArn: call.resourceArn }];
      case "report": {
        const failures = call.failures.map((failure) => {
          const { at, ...failed } = failedOf(failure, this.#circumstances());
          return { ...failed, timestamp: new Date(at) };
        });
        return ["Report", { failures }];
      }
    }
  }

  #circumstances() {
    return { now: Date.now(), named: (endpoint: number) => this.#named(endpoint), tokens: this.#tokens };
  }

  #named(endpoint: number): string {
    return this.#made.at(-1 - endpoint) ?? "none";
  }

  /** In the place of the object's stub: every attempt meets the next fault, if any is ahead. */
  #stub(user: User): object {
    const method = (name: string) => (user as unknown as Record<string, (request: unknown) => Promise<unknown>>)[name];
    return new Proxy(
      {},
      {
        get: (_, name) => async (request: unknown) => {
          const fault = FAULTS[this.#ahead.shift() ?? "none"];
          this.faults += fault === undefined ? 0 : 1;
          const reach = async () => method(String(name))?.(request);
          return fault === undefined ? reach() : fault(reach, user);
        },
      },
    );
  }
}

function statusOf(told: string): number {
  const [reason = ""] = told.split(" ");
  return reason === "ok"
    ? 200
    : reason === "ENDPOINT_NOT_FOUND"
      ? 404
      : reason === "ENDPOINT_LIMIT_EXCEEDED"
        ? 400
        : 409;
}

/** What an answer about the user alone says, in the words of the reference. */
function toldIn({ users, results }: Record<string, unknown>): string {
  const [user] = (users ?? []) as { endpoints?: Resolved[] }[];
  const told =
    results === undefined
      ? (user?.endpoints ?? []).map(({ endpointId, endpointAttributes, deviceTokenTimestamp }) => {
          const { deviceToken, voipDeviceToken } = endpointAttributes;
          return [endpointId, deviceToken, voipDeviceToken, msOf(deviceTokenTimestamp)].join(" ");
        })
      : (results as Result[]).map(({ endpointId, effect, endpointState }) =>
          [endpointId, effect, endpointState?.status].filter(Boolean).join(" "),
        );
  return `ok ${told}`;
}

interface Resolved {
  readonly endpointId: string;
  readonly endpointAttributes: { readonly deviceToken: string; readonly voipDeviceToken?: string };
  readonly deviceTokenTimestamp: string | number;
}

interface Result {
  readonly endpointId: string;
  readonly effect: string;
  readonly endpointState?: { readonly status: string };
}

function msOf(time: string | number): number {
  return typeof time === "string" ? Date.parse(time) : Math.round(time * 1_000);
}

const log: string[] = [];
beforeEach(() => {
  log.length = 0;
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  // What is waited between two attempts is no matter here.
  vi.spyOn(scheduler, "wait").mockResolvedValue();
  for (const level of ["log", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void log.push(String(line)));
  }
});
afterEach(configure(variablesOf(POLICIES[0])));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a caller that makes the same call again while it is answered 503", () => {
  it("has each call take effect exactly once, whatever fails on the way", { timeout: 3_600_000 }, async () => {
    let faults = 0;
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...POLICIES), troubledHistory, async (policy, history) => {
        vi.setSystemTime(NOW);
        configure(variablesOf(policy));
        const play = new Play(freshUserArn(), policy);
        for (const each of history) {
          await play.take(each);
        }
        calls += history.length;
        faults += play.faults;
      }),
      { numRuns: RUNS, ...(SEED && { seed: Number(SEED) }) },
    );
    expect(log.filter((line) => line.includes('"bug"') || line.includes("device-"))).toEqual([]);
    console.info(`${RUNS} histories, ${calls} calls, ${faults} faults`);
  });
});
