import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OPERATION_BURST_DEFAULT } from "../../../src/worker/model/limits.ts";
import { deregistering, describing, listing, registration, updating } from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { freshUser, registerDevice, stored, type User } from "../../support/user-object.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

const CALLS = {
  registerAppInstanceUserEndpoint: (user: User) => user.registerAppInstanceUserEndpoint(registration()),
  describeAppInstanceUserEndpoint: (user: User, id: string) => user.describeAppInstanceUserEndpoint(describing(id)),
  listAppInstanceUserEndpoints: (user: User) => user.listAppInstanceUserEndpoints(listing()),
  updateAppInstanceUserEndpoint: (user: User, id: string) => user.updateAppInstanceUserEndpoint(updating(id)),
  deregisterAppInstanceUserEndpoint: (user: User) => user.deregisterAppInstanceUserEndpoint(deregistering("unknown")),
};

describe.each(Object.entries(CALLS))("%s", (operation, call) => {
  it("is throttled after a burst, by itself, and served again after the wait that it names", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    vi.advanceTimersByTime(1_000);
    for (let n = 0; n < OPERATION_BURST_DEFAULT; n++) {
      expect(await call(user, endpointId)).toMatchObject({ kind: "ok" });
    }
    const before = await stored(user);

    expect(await call(user, endpointId)).toEqual({
      kind: "throttled",
      reason: "OPERATION_RATE_EXCEEDED",
      retryAfterMs: 100,
    });
    expect(await stored(user)).toEqual(before);
    for (const [other, callOther] of Object.entries(CALLS).filter(([name]) => name !== operation)) {
      expect([other, await callOther(user, endpointId)]).toMatchObject([other, { kind: "ok" }]);
    }
    vi.advanceTimersByTime(100);
    expect(await call(user, endpointId)).toMatchObject({ kind: "ok" });
  });
});
