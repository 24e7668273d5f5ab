import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { deregistering, listing } from "../../support/requests.ts";
import { freshUser, registerDevice, type User, writesOf } from "../../support/user-object.ts";

/** The ids on a page, and the token of the next. */
async function list(user: User, request: { maxResults?: number; nextToken?: string } = {}) {
  const answer = await user.listAppInstanceUserEndpoints(listing(request));
  if (answer.kind !== "ok") {
    throw new Error(`refused: ${answer.kind}`);
  }
  const { appInstanceUserEndpoints, nextToken } = answer.response;
  return { ids: appInstanceUserEndpoints.map(({ endpointId }) => endpointId), nextToken: nextToken || undefined };
}

describe("listAppInstanceUserEndpoints", () => {
  it("answers the endpoints in the order of registration, a page at a time, and writes nothing", async () => {
    const user = freshUser();
    const ids = [await registerDevice(user, 3), await registerDevice(user, 1), await registerDevice(user, 2)];

    expect(await list(user)).toEqual({ ids, nextToken: undefined });
    const { nextToken = "", ...first } = await list(user, { maxResults: 2 });
    expect(first).toEqual({ ids: ids.slice(0, 2) });
    expect(await list(user, { nextToken, maxResults: 2 })).toEqual({ ids: ids.slice(2), nextToken: undefined });
    expect(await writesOf(user, () => list(user))).toBe(0);
  });

  it("goes on with a token after the object was evicted, and what it points at deregistered", async () => {
    const user = freshUser();
    const [first, second] = [await registerDevice(user, 1), await registerDevice(user, 2)];
    const { nextToken = "" } = await list(user, { maxResults: 1 });
    await user.deregisterAppInstanceUserEndpoint(deregistering(first));
    await evictDurableObject(user);
    const third = await registerDevice(user, 3);

    expect(await list(user, { nextToken })).toEqual({ ids: [second, third], nextToken: undefined });
  });

  it("refuses another user's token", async () => {
    const [user, other] = [freshUser(), freshUser()];
    await registerDevice(user, 1);
    await registerDevice(user, 2);
    const { nextToken = "" } = await list(user, { maxResults: 1 });

    expect(await other.listAppInstanceUserEndpoints(listing({ nextToken }))).toEqual({
      kind: "invalid",
      reason: "NEXT_TOKEN_INVALID",
    });
  });

  it("writes nothing for a user who is unknown", async () => {
    const user = freshUser();
    expect(await writesOf(user, async () => expect(await list(user)).toEqual({ ids: [], nextToken: undefined }))).toBe(
      0,
    );
  });
});
