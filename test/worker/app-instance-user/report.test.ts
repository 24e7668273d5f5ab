import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EndpointStatus, FailureEffect } from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import {
  deregistering,
  describing,
  device,
  type Failed,
  reporting,
  resolving,
  updating,
} from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { configure, freshUser, registerDevice, stored, type User, writesOf } from "../../support/user-object.ts";

const DAY_MS = 86_400_000;
const LATER = NOW + DAY_MS;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());
afterEach(configure({ SAME_DEVICE: "", ENDPOINTS_PER_USER: "" }));

/** A push to a user's first device that failed, for it is gone. */
function gone(endpointId: string, changes: Partial<Failed> = {}): Failed {
  return { endpointId, deviceToken: "device-1", reason: "Unregistered", at: Date.now(), ...changes };
}

async function report(user: User, ...failures: Failed[]) {
  const answer = await user.reportAppInstanceUserEndpointFailures(reporting(...failures));
  return answer.kind === "ok" ? answer.response.results.map(({ effect }) => effect) : expect.fail(answer.reason);
}

async function woken(user: User): Promise<string[]> {
  const answer = await user.resolveAppInstanceUserEndpoints(resolving());
  return answer.kind === "ok"
    ? answer.response.users.flatMap(({ endpoints }) => endpoints.map(({ endpointId }) => endpointId))
    : expect.fail(answer.reason);
}

async function stateOf(user: User, endpointId: string) {
  const answer = await user.describeAppInstanceUserEndpoint(describing(endpointId));
  return answer.kind === "ok" ? answer.response.appInstanceUserEndpoint.endpointState?.status : answer.reason;
}

describe("reportAppInstanceUserEndpointFailures", () => {
  it("makes endpoints INACTIVE, which are resolved no more, also after the object was evicted", async () => {
    const user = freshUser();
    const [first, second] = [await registerDevice(user, 1), await registerDevice(user, 2)];
    const before = await stored(user);
    vi.setSystemTime(LATER);

    expect(await report(user, gone(first), gone("unknown"), gone(second, { reason: "PayloadTooLarge" }))).toEqual([
      FailureEffect.DEACTIVATED,
      FailureEffect.NOT_FOUND,
      FailureEffect.TOKEN_REPLACED,
    ]);
    const after = {
      ...before,
      rows: [{ ...before.rows[0], inactiveSince: LATER, lastUpdatedAt: LATER }, before.rows[1]],
    };
    for (const isEvicted of [false, true]) {
      if (isEvicted) {
        await evictDurableObject(user);
      }
      expect(await stored(user)).toEqual(after);
      expect(await woken(user)).toEqual([second]);
      expect(await stateOf(user, first)).toBe(EndpointStatus.INACTIVE);
    }
  });

  it("writes a row for each endpoint that changes, and none for the same once more or for a user who is unknown", async () => {
    const [user, stranger] = [freshUser(), freshUser()];
    const ids = [await registerDevice(user, 1), await registerDevice(user, 2)];
    vi.setSystemTime(LATER);
    const failures = ids.flatMap((id, n) => {
      const failed = gone(id, { deviceToken: `device-${n + 1}` });
      return [{ ...failed, reason: "BadDeviceToken" }, failed];
    });

    expect({
      first: await writesOf(user, () => report(user, ...failures)),
      again: await writesOf(user, () => report(user, ...failures)),
      stranger: await writesOf(stranger, () => report(stranger, ...failures)),
    }).toEqual({ first: 2, again: 0, stranger: 0 });
    expect(await stored(stranger)).toEqual({ rows: [], alarm: null });
  });

  it("is healed by the device's next call, and what was late then changes nothing", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    vi.setSystemTime(LATER);
    const late = gone(endpointId);
    await report(user, late);
    vi.setSystemTime(LATER + 1);

    // Not adopted by configuration, and still the same endpoint.
    expect(await registerDevice(user, 1, { clientRequestToken: "after a reinstall" })).toBe(endpointId);
    expect(await woken(user)).toEqual([endpointId]);
    expect(await report(user, late)).toEqual([FailureEffect.CONFIRMED_SINCE]);
    expect(await woken(user)).toEqual([endpointId]);
  });
});

describe("a report that races with", () => {
  /** The user's device a day after it was registered, and the report at the same time as another call, in either order. */
  async function race(call: (user: User, endpointId: string) => Promise<unknown>, reportsFirst: boolean) {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    vi.setSystemTime(LATER);
    const calls = [() => report(user, gone(endpointId)), () => call(user, endpointId)];
    const started = (reportsFirst ? calls : calls.toReversed()).map((start) => start());
    const results = await Promise.all(started);
    return { user, endpointId, effects: results[reportsFirst ? 0 : 1] };
  }

  describe.each([true, false])("another call, which comes after it: %s", (reportsFirst) => {
    it("a rotation leaves the new token alone", async () => {
      const rotate = (user: User, endpointId: string) =>
        user.updateAppInstanceUserEndpoint(updating(endpointId, { endpointAttributes: { deviceToken: "new" } }));
      const { user, endpointId, effects } = await race(rotate, reportsFirst);
      expect(effects).toEqual([reportsFirst ? FailureEffect.DEACTIVATED : FailureEffect.TOKEN_REPLACED]);
      expect(await woken(user)).toEqual([endpointId]);
      expect(await report(user, gone(endpointId))).toEqual([FailureEffect.TOKEN_REPLACED]);
    });

    it("an adoption ends with the endpoint as the later of both left it", async () => {
      configure({ SAME_DEVICE: "adopt" });
      const launch = (user: User) => registerDevice(user, 1, { clientRequestToken: "launch", name: "new" });
      const { user, endpointId, effects } = await race(launch, reportsFirst);
      // All is of the same millisecond, for which the failure is believed.
      expect(effects).toEqual([FailureEffect.DEACTIVATED]);
      expect(await woken(user)).toEqual(reportsFirst ? [endpointId] : []);
      expect((await stored(user)).rows).toHaveLength(1);
    });

    it("a deregistration leaves nothing", async () => {
      const leave = (user: User, endpointId: string) =>
        user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));
      const { user, effects } = await race(leave, reportsFirst);
      expect(effects).toEqual([reportsFirst ? FailureEffect.DEACTIVATED : FailureEffect.NOT_FOUND]);
      expect(await woken(user)).toEqual([]);
      expect((await stored(user)).rows).toMatchObject([{ state: "deregistered" }]);
    });
  });

  it("a registration at the limit: the endpoint makes way by a report that came first, and is found no more after", async () => {
    configure({ ENDPOINTS_PER_USER: "1" });
    const register = (user: User) => user.registerAppInstanceUserEndpoint(device(2));
    const { user, effects } = await race(register, true);
    expect(effects).toEqual([FailureEffect.DEACTIVATED]);
    expect((await stored(user)).rows).toMatchObject([{ state: "deregistered" }, { deviceToken: "device-2" }]);
  });
});
