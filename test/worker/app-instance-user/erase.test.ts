import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OPERATION_BURST_DEFAULT, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { deleting, deregistering, device, listing } from "../../support/requests.ts";
import { NOW, tombstone } from "../../support/rows.ts";
import { freshUser, registerDevice, stored, writesOf } from "../../support/user-object.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

describe("to erase a user", () => {
  it("ends every endpoint in one step, and leaves nothing after a day", async () => {
    const user = freshUser();
    const ids = [await registerDevice(user, 1), await registerDevice(user, 2)];
    // A row for each, and the first alarm.
    expect(await writesOf(user, () => user.deleteAppInstanceUser(deleting()))).toBe(2 + 1);
    expect(await user.listAppInstanceUserEndpoints(listing())).toMatchObject({
      response: { appInstanceUserEndpoints: [] },
    });
    expect(await stored(user)).toEqual({
      rows: ids.map((endpointId, n) => ({ ...tombstone(n + 1, NOW), endpointId })),
      alarm: NOW + TOMBSTONE_LIFETIME_MS,
    });
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    await runDurableObjectAlarm(user);
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
  });

  it("succeeds again, and where nobody is known, and writes nothing then", async () => {
    const user = freshUser();
    expect(await writesOf(user, () => user.deleteAppInstanceUser(deleting()))).toBe(0);
    await registerDevice(user, 1);
    await user.deleteAppInstanceUser(deleting());
    expect(await writesOf(user, () => user.deleteAppInstanceUser(deleting()))).toBe(0);
    expect(await user.deleteAppInstanceUser(deleting())).toEqual({ kind: "ok", response: {} });
  });

  it("refuses what was under way, and lets the user begin anew", async () => {
    const user = freshUser();
    await registerDevice(user, 1);
    await user.deleteAppInstanceUser(deleting());
    expect(await user.registerAppInstanceUserEndpoint(device(1))).toMatchObject({ reason: "ENDPOINT_DEREGISTERED" });
    const anew = await user.registerAppInstanceUserEndpoint(device(1, { clientRequestToken: "request-2" }));
    expect(anew).toMatchObject({ kind: "ok" });
  });

  it("is throttled after a burst, and nothing else is by it", async () => {
    const user = freshUser();
    await registerDevice(user, 1);
    for (let n = 0; n < OPERATION_BURST_DEFAULT; n++) {
      expect(await user.deleteAppInstanceUser(deleting())).toMatchObject({ kind: "ok" });
    }
    const refused = { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 100 };
    expect(await user.deleteAppInstanceUser(deleting())).toEqual(refused);
    expect(await user.deregisterAppInstanceUserEndpoint(deregistering("unknown"))).toMatchObject({ kind: "ok" });
    vi.advanceTimersByTime(100);
    expect(await user.deleteAppInstanceUser(deleting())).toMatchObject({ kind: "ok" });
  });
});
