import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deregistering, registration, USER_ARN, updating } from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { freshUser, registerDevice, stored, writesOf } from "../../support/user-object.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

describe("updateAppInstanceUserEndpoint", () => {
  it("changes the one row, also after the object was evicted", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1, { name: "phone" });
    await registerDevice(user, 2);
    const before = await stored(user);
    vi.setSystemTime(NOW + 1_000);

    expect(await user.updateAppInstanceUserEndpoint(updating(endpointId, { name: "", allowMessages: "NONE" }))).toEqual(
      {
        kind: "ok",
        response: { appInstanceUserArn: USER_ARN, endpointId },
      },
    );
    const after = {
      ...before,
      rows: [{ ...before.rows[0], name: "", allowMessages: "NONE", lastUpdatedAt: NOW + 1_000 }, before.rows[1]],
    };
    expect(await stored(user)).toEqual(after);
    await evictDurableObject(user);
    expect(await stored(user)).toEqual(after);
  });

  it("writes one row for a change, and none where nothing changes", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    const update = (changes: { name?: string; allowMessages?: "ALL" | "NONE" }, id = endpointId) =>
      writesOf(user, () => user.updateAppInstanceUserEndpoint(updating(id, changes)));

    expect({
      muted: await update({ allowMessages: "NONE" }),
      again: await update({ allowMessages: "NONE" }),
      nothing: await update({}),
      unknown: await update({ name: "x" }, "unknown"),
    }).toEqual({ muted: 1, again: 0, nothing: 0, unknown: 0 });
  });

  it("does not find what is unknown or was deregistered", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));
    const before = await stored(user);

    for (const id of [endpointId, "unknown"]) {
      expect(await user.updateAppInstanceUserEndpoint(updating(id, { name: "x" }))).toEqual({
        kind: "not_found",
        reason: "ENDPOINT_NOT_FOUND",
      });
    }
    expect(await stored(user)).toEqual(before);
  });

  it("leaves the registration what it was: its request token replays, its device is taken", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await user.updateAppInstanceUserEndpoint(updating(endpointId, { name: "renamed", allowMessages: "NONE" }));

    expect(await user.registerAppInstanceUserEndpoint(registration())).toMatchObject({ kind: "ok", replayed: true });
    expect(await user.registerAppInstanceUserEndpoint(registration({ clientRequestToken: "new" }))).toMatchObject({
      kind: "conflict",
      endpointId,
    });
  });
});
