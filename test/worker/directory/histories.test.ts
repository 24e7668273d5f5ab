/**
 * Random histories of several users and the same few phones: calls of different users at the same time, which find the Directory or an object
 * lost before or after it has acted, and are made again until they are answered; with alarms among them, losers who do not answer, evictions
 * and long pauses. At rest there must be an order of the calls in which the reference gives the same answers, every user's endpoints are as it
 * says, and the Directory names whom it says.
 */
import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import type { DevicesMode } from "../../../src/worker/model/holding.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { AppInstance, become, whereDevicesAre } from "../../support/devices.ts";
import type { HistoryCall } from "../../support/history.ts";
import { linearize } from "../../support/linearize.ts";
import { KnownTokens } from "../../support/play-call.ts";
import { ReferenceInstance } from "../../support/reference-instance.ts";
import { asked } from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { userNamed } from "../../support/user-object.ts";
import { runtimeError } from "../../support/users.ts";

const { HISTORIES, SEED, ...bindings } = env as { HISTORIES?: string; SEED?: string } & Record<string, unknown>;
const RUNS = Number(HISTORIES || 10);

const USERS = ["alice", "bob", "carol", "dave"];
/** Whose apps have a request token for each launch; those of the others have one for each install. */
const LAUNCHERS = ["carol", "dave"];

const PHONES = ["phone-1", "phone-2", "phone-3"];
const POLICY = { limit: 500, adopts: true };
const HOUR_MS = 3_600_000;

/** More attempts than any call meets faults. */
const ATTEMPTS_MAX = 8;

/** Longer than a loser is left in peace that has failed to answer twice. */
const PATIENCE_MS = 10_000;

whereDevicesAre();
beforeEach(() => {
  for (const level of ["warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation(() => {});
  }
});

interface PhoneCall {
  readonly user: string;
  readonly call: HistoryCall;
}

type Step =
  | {
      readonly calls: readonly PhoneCall[];
      readonly faults: readonly Fault[];
      readonly deaf: number;
      readonly among: "nothing" | "alarms";
    }
  | { readonly clockMs: number }
  | { readonly evict: true };

/** What an attempt to reach an object may meet. */
type Fault = "none" | "before" | "after";

const user = fc.constantFrom(...USERS);
const token = fc.constantFrom(...PHONES);
/** Their latest endpoint, mostly. */
const endpoint = fc.constantFrom(0, 0, 0, 1, 2);

const phoneCall: fc.Arbitrary<HistoryCall> = fc.oneof(
  {
    weight: 8,
    arbitrary: token.map((token) => ({
      call: "register" as const,
      request: { clientRequestToken: `of-${token}`, endpointAttributes: { deviceToken: token } },
    })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ endpoint, token }).map(({ endpoint, token }) => ({
      call: "update" as const,
      endpoint,
      endpointAttributes: { deviceToken: token },
    })),
  },
  { weight: 1, arbitrary: endpoint.map((n) => ({ call: "update" as const, endpoint: n, name: "phone" })) },
  { weight: 2, arbitrary: endpoint.map((n) => ({ call: "deregister" as const, endpoint: n })) },
  { weight: 1, arbitrary: fc.constant({ call: "erase" as const }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      // One of each user: calls of one user that overtake each other may leave another holder than the last.
      calls: fc.uniqueArray(fc.record({ user, call: phoneCall }), {
        selector: ({ user }) => user,
        minLength: 1,
        maxLength: USERS.length,
        size: "max",
      }),
      faults: fc.array(fc.constantFrom<Fault>("none", "none", "before", "after"), { maxLength: 6 }),
      deaf: fc.constantFrom(0, 0, 1, 2),
      among: fc.constantFrom("nothing" as const, "alarms" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1_000, 12 * HOUR_MS, 25 * HOUR_MS, 8 * 24 * HOUR_MS).map((clockMs) => ({ clockMs })),
  },
  { weight: 1, arbitrary: fc.constant({ evict: true as const }) },
);

const history = fc.array(step, { maxLength: 10, size: "max" });

class Play {
  calls = 0;
  faults = 0;
  readonly #app = new AppInstance();
  readonly #made = new Map<string, string[]>(USERS.map((user) => [user, []]));
  #states: ReferenceInstance[];
  #ahead: Fault[] = [];
  #launches = 0;

  constructor(mode: DevicesMode) {
    this.#states = [ReferenceInstance.of(USERS, mode, POLICY)];
    Object.assign(this.#app.service, {
      directory: this.#troubled(bindings.DIRECTORY as Namespace),
      users: this.#troubled(bindings.APP_INSTANCE_USER as Namespace),
    });
  }

  async take(step: Step): Promise<void> {
    if ("clockMs" in step) {
      vi.setSystemTime(Date.now() + step.clockMs);
    } else if ("calls" in step) {
      await this.#atOnce(step);
    } else {
      await abortAllDurableObjects();
    }
  }

  async #atOnce({ calls: wanted, faults, deaf, among }: Extract<Step, { calls: unknown }>): Promise<void> {
    const calls = wanted.map((each) => this.#launched(each));
    vi.advanceTimersByTime(1_000);
    const now = Date.now();
    const before = new Map(Array.from(this.#made, ([user, ids]) => [user, [...ids]]));
    this.#ahead = [...faults];
    const losing = deafLosers(deaf);
    const [answers] = await Promise.all([
      Promise.all(calls.map((each) => this.#answered(each))),
      among === "alarms" ? this.#alarms() : undefined,
    ]);
    this.#ahead = [];
    await this.#comeToRest(deaf);
    losing.mockRestore();
    const observed = calls.map(({ user, call }, n) => {
      const { told = "", newId = "" } = answers[n] ?? {};
      const named = (endpoint: number) => before.get(user)?.at(-1 - endpoint) ?? "none";
      const circumstances = { now, newId, named, tokens: new KnownTokens() };
      return { told, play: (state: ReferenceInstance) => inShort(state.play(user, call, circumstances)) };
    });
    const explained = linearize(this.#states, observed);
    const seen = await this.#seen();
    this.#states = explained.filter((state) => JSON.stringify(said(state)) === JSON.stringify(seen));
    expect(
      this.#states,
      JSON.stringify({ calls, answers, seen, explained: explained.map(said), faults, deaf, among }),
    ).not.toEqual([]);
    this.calls += calls.length;
  }

  #launched({ user, call }: PhoneCall): PhoneCall {
    if (call.call !== "register" || !LAUNCHERS.includes(user)) {
      return { user, call };
    }
    this.#launches += 1;
    return { user, call: { ...call, request: { ...call.request, clientRequestToken: `launch-${this.#launches}` } } };
  }

  /** What there is, by what callers can see. */
  async #seen(): Promise<ReturnType<typeof said>> {
    const endpoints = USERS.map(async (user) =>
      (await this.#app.endpointsOf(user)).map(
        ({ endpointId, deviceToken, inactiveSince }) =>
          `${endpointId} ${deviceToken} ${inactiveSince === undefined ? "ACTIVE" : "INACTIVE"}`,
      ),
    );
    const holders = PHONES.map((phone) => this.#app.lookUp(phone));
    return { endpoints: await Promise.all(endpoints), holders: await Promise.all(holders) };
  }

  async #answered({ user, call }: PhoneCall): Promise<{ told: string; newId: string }> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { status, reason, body } = await this.#call(user, call);
      if (status !== 503) {
        const newId = String(body.endpointId ?? "");
        const made = this.#made.get(user);
        if (call.call === "register" && status === 200 && !made?.includes(newId)) {
          made?.push(newId);
        }
        return { told: status === 200 ? ["ok", body.endpointId].filter(Boolean).join(" ") : String(reason), newId };
      }
    }
    throw new Error(`${call.call} was never answered`);
  }

  #call(user: string, call: HistoryCall) {
    const named = (endpoint: number) => this.#made.get(user)?.at(-1 - endpoint) ?? "none";
    switch (call.call) {
      case "register": {
        const { endpointAttributes, clientRequestToken } = asked(call.request);
        return this.#app.register(user, endpointAttributes.deviceToken, clientRequestToken);
      }
      case "update": {
        const { call: _, endpoint, ...changes } = call;
        const said = { appInstanceUserArn: this.#app.arnOf(user), endpointId: named(endpoint), ...changes };
        return this.#app.call("UpdateAppInstanceUserEndpoint", said);
      }
      case "deregister":
        return this.#app.deregister(user, named(call.endpoint));
      default:
        return this.#app.erase(user);
    }
  }

  async #alarms(): Promise<void> {
    await Promise.all(PHONES.map((phone) => this.#app.alarms(phone)));
    await Promise.all(USERS.map((user) => runDurableObjectAlarm(userNamed(objectName(this.#app.arnOf(user))))));
  }

  /** Until everybody has heard what they are to hear, also who has failed to answer. */
  async #comeToRest(deaf: number): Promise<void> {
    await this.#alarms();
    for (let again = 0; again < deaf; again++) {
      vi.advanceTimersByTime(PATIENCE_MS);
      await this.#alarms();
    }
  }

  /** In the place of objects: every attempt to reach one meets the next fault, if any is ahead. */
  #troubled(namespace: Namespace): Namespace {
    const stub = (name: string) =>
      new Proxy(
        {},
        {
          get:
            (_, call) =>
            async (...args: unknown[]) => {
              const fault = this.#ahead.shift() ?? "none";
              this.faults += fault === "none" ? 0 : 1;
              const reach = async () => namespace.getByName(name)[String(call)]?.(...args);
              if (fault === "before") {
                throw runtimeError({ overloaded: true });
              }
              const answer = await reach();
              if (fault === "after") {
                throw runtimeError({ durableObjectReset: true });
              }
              return answer;
            },
        },
      );
    return { ...namespace, getByName: stub } as Namespace;
  }
}

interface Namespace {
  getByName(name: string): Record<string, (...args: unknown[]) => Promise<unknown>>;
}

/** Has so many who are told of a loss fail to answer. */
function deafLosers(count: number) {
  const { loseDevice } = AppInstanceUser.prototype;
  let left = count;
  return vi.spyOn(AppInstanceUser.prototype, "loseDevice").mockImplementation(function (this: AppInstanceUser, lost) {
    if (left > 0) {
      left -= 1;
      throw new Error("not now");
    }
    return loseDevice.call(this, lost);
  });
}

function said(state: ReferenceInstance) {
  return {
    endpoints: USERS.map((user) => state.endpointsOf(user)),
    holders: PHONES.map((token) => state.holders({ asked: asked(), token })),
  };
}

/** A refusal by its reason alone. */
function inShort(told: string): string {
  return told.startsWith("ok") ? told : (told.split(" ")[0] ?? "");
}

describe("any history of users who name the same phones", () => {
  it.each(["move", "share"] as const)(
    "with DEVICES=%s, goes as the rules say",
    { timeout: 3_600_000 },
    async (mode) => {
      await become({ DEVICES: mode });
      let [calls, faults] = [0, 0];
      await fc.assert(
        fc.asyncProperty(history, async (history) => {
          vi.setSystemTime(NOW);
          const play = new Play(mode);
          for (const step of history) {
            await play.take(step);
          }
          calls += play.calls;
          faults += play.faults;
        }),
        { numRuns: RUNS, ...(SEED && { seed: Number(SEED) }) },
      );
      console.info(`${RUNS} histories, ${calls} calls, ${faults} faults`);
    },
  );
});
