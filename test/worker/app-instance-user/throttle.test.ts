import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OPERATION_BURST_DEFAULT } from "../../../src/worker/model/limits.ts";
import type { Answer, UserRpc } from "../../../src/worker/model/user-rpcs.ts";
import {
  deleting,
  deregistering,
  describing,
  listing,
  registration,
  reporting,
  resolving,
  updating,
} from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { freshUser, registerDevice, stored, type User } from "../../support/user-object.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

const CALLS = {
  registerAppInstanceUserEndpoint: (user: User) => user.registerAppInstanceUserEndpoint(registration()),
  describeAppInstanceUserEndpoint: (user: User, id: string) => user.describeAppInstanceUserEndpoint(describing(id)),
  listAppInstanceUserEndpoints: (user: User) => user.listAppInstanceUserEndpoints(listing()),
  updateAppInstanceUserEndpoint: (user: User, id: string) => user.updateAppInstanceUserEndpoint(updating(id)),
  deleteAppInstanceUser: (user: User) => user.deleteAppInstanceUser(deleting()),
  deregisterAppInstanceUserEndpoint: (user: User) => user.deregisterAppInstanceUserEndpoint(deregistering("unknown")),
  resolveAppInstanceUserEndpoints: (user: User) => user.resolveAppInstanceUserEndpoints(resolving()),
  reportAppInstanceUserEndpointFailures: (user: User, endpointId: string) =>
    user.reportAppInstanceUserEndpointFailures(
      reporting({ endpointId, deviceToken: "device-1", reason: "PayloadTooLarge", at: NOW }),
    ),
} satisfies { [Rpc in UserRpc]: (user: User, endpointId: string) => Promise<Answer<unknown>> };

/** How many times the rate of the other operations those have that senders call. */
const TIMES: { [Rpc in UserRpc]?: number } = {
  resolveAppInstanceUserEndpoints: 10,
  reportAppInstanceUserEndpointFailures: 10,
};

describe.each(Object.entries(CALLS))("%s", (operation, call) => {
  it("is throttled after a burst, by itself, and served again after the wait that it names", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    vi.advanceTimersByTime(1_000);
    const times = TIMES[operation as UserRpc] ?? 1;
    for (let n = 0; n < times * OPERATION_BURST_DEFAULT; n++) {
      expect(await call(user, endpointId)).toMatchObject({ kind: "ok" });
    }
    const before = await stored(user);

    expect(await call(user, endpointId)).toEqual({
      kind: "throttled",
      reason: "OPERATION_RATE_EXCEEDED",
      retryAfterMs: 100 / times,
    });
    expect(await stored(user)).toEqual(before);
    // Erased, the endpoint of the others would be gone.
    const others = Object.entries(CALLS).filter(([name]) => name !== operation && name !== "deleteAppInstanceUser");
    for (const [other, callOther] of others) {
      const { kind } = await callOther(user, endpointId);
      expect([other, kind]).not.toEqual([other, "throttled"]);
    }
    vi.advanceTimersByTime(100 / times);
    expect(await call(user, endpointId)).toMatchObject({ kind: "ok" });
  });
});
