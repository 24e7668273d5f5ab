import { evictDurableObject } from "cloudflare:test";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppInstanceUserEndpointType } from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { deregistering, RESOURCE_ARN, resolving, USER_ARN } from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { configure, freshUser, registerDevice, stored, writesOf } from "../../support/user-object.ts";

const DAY_MS = 86_400_000;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());
afterEach(configure({ SAME_DEVICE: "", STALE_DAYS: "" }));

const users = (...endpoints: object[]) => ({
  kind: "ok",
  response: { users: [{ appInstanceUserArn: USER_ARN, endpoints }], errors: [] },
});

const woken = (endpointId: string, deviceToken: string, at = NOW) => ({
  endpointId,
  type: AppInstanceUserEndpointType.GCM,
  resourceArn: RESOURCE_ARN,
  endpointAttributes: { deviceToken },
  deviceTokenTimestamp: timestampFromMs(at),
});

describe("resolveAppInstanceUserEndpoints", () => {
  it("answers what may be woken with its tokens, also after the object was evicted, and writes nothing", async () => {
    const user = freshUser();
    const first = await registerDevice(user, 1);
    await registerDevice(user, 2, { allowMessages: "NONE" });
    const third = await registerDevice(user, 3);
    const fourth = await registerDevice(user, 4);
    await user.deregisterAppInstanceUserEndpoint(deregistering(third));
    const expected = users(woken(first, "device-1"), woken(fourth, "device-4", NOW + 3));

    expect(await user.resolveAppInstanceUserEndpoints(resolving())).toEqual(expected);
    expect(await writesOf(user, () => user.resolveAppInstanceUserEndpoints(resolving()))).toBe(0);
    await evictDurableObject(user);
    expect(await user.resolveAppInstanceUserEndpoints(resolving())).toEqual(expected);
  });

  it("answers nothing of a user who is unknown, and leaves nothing behind", async () => {
    const user = freshUser();
    expect(await writesOf(user, () => user.resolveAppInstanceUserEndpoints(resolving()))).toBe(0);
    expect(await user.resolveAppInstanceUserEndpoints(resolving())).toEqual(users());
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
  });

  it("leaves out a device whose app was not launched for as many days as are configured, until it is", async () => {
    configure({ SAME_DEVICE: "adopt", STALE_DAYS: "14" });
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    vi.setSystemTime(NOW + 14 * DAY_MS);
    expect(await user.resolveAppInstanceUserEndpoints(resolving())).toEqual(users(woken(endpointId, "device-1")));
    vi.setSystemTime(NOW + 14 * DAY_MS + 1);
    expect(await user.resolveAppInstanceUserEndpoints(resolving())).toEqual(users());

    expect(await registerDevice(user, 1, { clientRequestToken: "launch" })).toBe(endpointId);
    expect(await user.resolveAppInstanceUserEndpoints(resolving())).toEqual(
      users(woken(endpointId, "device-1", NOW + 14 * DAY_MS + 1)),
    );
  });
});
