import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideRegister } from "../../../src/worker/core/register.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { ROWS_PER_USER_MAX, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { type Asked, registration } from "../../support/requests.ts";
import { changesOf, endpoint, idOf, NOW, RULES, tombstone } from "../../support/rows.ts";

/** The latest moment of a deregistration that is not remembered any more. */
const EXPIRED = NOW - TOMBSTONE_LIFETIME_MS;

function decide(rows: Row[], changes: Partial<Asked> = {}, endpointsMax = 10) {
  const rules = { ...RULES, endpointsMax, newId: (after: string | undefined) => `after ${after}` };
  return changesOf(decideRegister(rows, registration(changes), rules));
}

/** A device that the user has not. */
const another = { clientRequestToken: "another", endpointAttributes: { deviceToken: "another" } };

describe("decideRegister", () => {
  it("makes an endpoint after the latest one, with all that was asked for", () => {
    const { answer, put } = decide([tombstone(7, NOW)], {
      endpointAttributes: { deviceToken: "d", voipDeviceToken: "v" },
      name: "",
      allowMessages: "NONE",
    });
    expect(put).toEqual([
      {
        state: "live",
        endpointId: `after ${idOf(7)}`,
        type: "GCM",
        resourceArn: registration().resourceArn,
        deviceToken: "d",
        voipDeviceToken: "v",
        name: "",
        allowMessages: "NONE",
        clientRequestToken: "request-1",
        fingerprint: expect.any(String),
        createdAt: NOW,
        lastUpdatedAt: NOW,
      },
    ]);
    expect(answer).toEqual({
      kind: "ok",
      response: { appInstanceUserArn: registration().appInstanceUserArn, endpointId: `after ${idOf(7)}` },
    });
  });

  it("replays a request token with the same request, also after an update, and puts nothing", () => {
    const updated = { ...endpoint(1), name: "renamed", allowMessages: "NONE" as const };
    expect(decide([updated])).toEqual({
      answer: {
        kind: "ok",
        response: { appInstanceUserArn: registration().appInstanceUserArn, endpointId: updated.endpointId },
        replayed: true,
      },
      put: [],
    });
  });

  it.each([
    ["another device token", { endpointAttributes: { deviceToken: "device-2" } }],
    ["the device token in another case", { endpointAttributes: { deviceToken: "DEVICE-1" } }],
    ["a VoIP token", { endpointAttributes: { deviceToken: "device-1", voipDeviceToken: "v" } }],
    ["another type", { type: "APNS" as const }],
    ["another resource", { resourceArn: "arn:aws:mobiletargeting:us-east-1:1:apps/other" }],
    ["an empty name", { name: "" }],
    ["messages muted", { allowMessages: "NONE" as const }],
  ])("refuses a request token that comes again with %s", (_, changes) => {
    const first = endpoint(1);
    expect(decide([first], changes)).toEqual({
      answer: { kind: "conflict", reason: "REQUEST_TOKEN_REUSED", endpointId: first.endpointId },
    });
  });

  it("refuses the request token of a deregistered endpoint for as long as the tombstone lives", () => {
    expect(decide([tombstone(1, EXPIRED + 1)])).toEqual({
      answer: { kind: "conflict", reason: "ENDPOINT_DEREGISTERED", endpointId: idOf(1) },
    });
  });

  it("refuses a device that is registered, whatever else differs", () => {
    const first = endpoint(1, { name: "first", allowMessages: "NONE" });
    expect(decide([first], { clientRequestToken: "request-2" })).toEqual({
      answer: { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: first.endpointId },
    });
  });

  it.each([
    ["type", { type: "APNS" as const }],
    ["resource", { resourceArn: "arn:aws:mobiletargeting:us-east-1:1:apps/other" }],
    ["device token", { endpointAttributes: { deviceToken: "DEVICE-1" } }],
  ])("takes a device with another %s for another device", (_, changes) => {
    expect(decide([endpoint(1)], { ...changes, clientRequestToken: "request-2" }).answer.kind).toBe("ok");
  });

  it("refuses at the limit and above it, and does not count tombstones", () => {
    const rows: Row[] = [endpoint(1), endpoint(2), endpoint(3)];
    const refusal = (limit: number) => ({
      answer: { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit },
    });
    expect(decide(rows, another, 3)).toEqual(refusal(3));
    expect(decide(rows, another, 2)).toEqual(refusal(2));
    expect(decide([...rows, tombstone(4, NOW)], another, 4).answer.kind).toBe("ok");
  });

  it("answers in the order replay, conflict, limit, room for tombstones", () => {
    const sameDevice = { ...endpoint(1), endpointId: idOf(2), clientRequestToken: "request-2" };
    const tombstones = Array.from({ length: ROWS_PER_USER_MAX }, (_, n) => tombstone(3 + n, NOW));
    const rows = [endpoint(1), sameDevice, ...tombstones];
    const reason = (changes: Partial<Asked>, endpointsMax: number) => {
      const { answer } = decide(rows, changes, endpointsMax);
      return answer.kind === "ok" ? answer.replayed : answer.reason;
    };
    expect(reason({}, 1)).toBe(true);
    expect(reason({ name: "other" }, 1)).toBe("REQUEST_TOKEN_REUSED");
    expect(reason({ clientRequestToken: "new" }, 1)).toBe("DEVICE_ALREADY_REGISTERED");
    expect(reason({ clientRequestToken: "new", type: "APNS" }, 1)).toBe("ENDPOINT_LIMIT_EXCEEDED");
    expect(reason({ clientRequestToken: "new", type: "APNS" }, 10)).toBe("TOO_MANY_DEREGISTRATIONS");
  });

  it("waits for the oldest tombstone when it remembers as many rows as it may", () => {
    const rows = Array.from({ length: ROWS_PER_USER_MAX }, (_, n) => tombstone(n, EXPIRED + 5_000 + n));
    expect(decide(rows, { clientRequestToken: "another" })).toEqual({
      answer: { kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: 5_000 },
    });
  });

  it("names the token after all others of the user's, also where the clock stepped back", () => {
    const ahead = { ...endpoint(1), deviceTokenAt: NOW + 5_000 };
    expect(decide([ahead], another).put).toMatchObject([{ createdAt: NOW, deviceTokenAt: NOW + 5_001 }]);
    expect(decide([], another).put?.[0]).not.toHaveProperty("deviceTokenAt");
  });

  describe("when a tombstone has expired but was not purged", () => {
    it("takes its request token for a new one, and lets the endpoint replace it", () => {
      const rows = [tombstone(1, EXPIRED), tombstone(2, EXPIRED)];
      expect(decide(rows)).toMatchObject({ answer: { kind: "ok" }, put: [{ state: "live" }], drop: [idOf(1)] });
    });

    it("leaves it to the purge while there is room", () => {
      const rows = [tombstone(1, EXPIRED), endpoint(2)];
      expect(decide(rows, { clientRequestToken: "another" })).toMatchObject({ answer: { kind: "ok" }, drop: [] });
    });

    it("replaces it when there is none, so that a user's rows never grow over the cap", () => {
      const rows = Array.from({ length: ROWS_PER_USER_MAX }, (_, n) => tombstone(n, n === 5 ? EXPIRED : NOW));
      const another = { clientRequestToken: "another" };
      expect(decide(rows, another)).toMatchObject({ answer: { kind: "ok" }, drop: [idOf(5)] });
    });

    it("still numbers the new endpoint after it", () => {
      expect(decide([tombstone(1, EXPIRED)]).put).toMatchObject([{ endpointId: `after ${idOf(1)}` }]);
    });
  });
});

describe("room for a new endpoint at the limit", () => {
  const inactive = (n: number, since: number) => ({ ...endpoint(n), inactiveSince: since });
  const named = (n: number, at: number) => ({ ...endpoint(n), deviceTokenAt: at });

  function makeRoom(rows: Row[], rules: { endpointsMax?: number; staleAfterMs?: number } = {}) {
    return decideRegister(rows, registration(another), { ...RULES, endpointsMax: 3, ...rules, newId: () => idOf(99) });
  }

  it("is made by the one that has been INACTIVE for longest, in the same step", () => {
    const { answer, put, purgeAt } = makeRoom([inactive(1, NOW - 1), inactive(2, NOW - 2), endpoint(3)]);
    expect(answer).toMatchObject({ kind: "ok", response: { endpointId: idOf(99) } });
    expect(put).toMatchObject([tombstone(2, NOW), { state: "live", endpointId: idOf(99) }]);
    expect(purgeAt).toBe(NOW + TOMBSTONE_LIFETIME_MS);
  });

  it("leaves the purge to the tombstone that has called it", () => {
    expect(makeRoom([inactive(1, 0), endpoint(2), endpoint(3), tombstone(4, NOW)]).purgeAt).toBeUndefined();
  });

  it("is not made while there is some", () => {
    expect(makeRoom([inactive(1, 0), endpoint(2)]).put).toMatchObject([{ endpointId: idOf(99) }]);
  });

  it("is made by the stalest where none is INACTIVE, and by none that is fresh", () => {
    const rows = [named(1, NOW - 50), named(2, NOW - 60), named(3, NOW - 70)];
    expect(makeRoom(rows, { staleAfterMs: 55 }).put).toMatchObject([tombstone(3, NOW), { endpointId: idOf(99) }]);
    expect(makeRoom([...rows.slice(0, 2), inactive(3, NOW - 1)], { staleAfterMs: 55 }).put?.[0]).toEqual(
      tombstone(3, NOW),
    );
    for (const staleAfterMs of [70, Number.POSITIVE_INFINITY]) {
      expect(makeRoom(rows, { staleAfterMs })).toEqual({
        answer: { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: 3 },
      });
    }
  });

  it("is made by as many as it takes where the limit was lowered, or by none", () => {
    const rows = [inactive(1, NOW - 1), inactive(2, NOW - 2), endpoint(3)];
    expect(makeRoom(rows, { endpointsMax: 2 }).put).toMatchObject([
      tombstone(2, NOW),
      tombstone(1, NOW),
      { endpointId: idOf(99) },
    ]);
    expect(makeRoom(rows, { endpointsMax: 1 }).answer.kind).toBe("limit_exceeded");
  });

  it("is not made where the new endpoint has to wait for tombstones", () => {
    const rows = [inactive(0, 0), ...Array.from({ length: ROWS_PER_USER_MAX }, (_, n) => tombstone(n + 1, NOW))];
    expect(makeRoom(rows, { endpointsMax: 1 })).toEqual({
      answer: { kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: TOMBSTONE_LIFETIME_MS },
    });
  });

  it("is never made by an endpoint that is ACTIVE and fresh, and is refused only where there is no other", () => {
    const live = fc.record({
      inactiveForMs: fc.option(fc.nat(30), { nil: undefined }),
      namedMsAgo: fc.nat(30),
    });
    const staleAfterMs = fc.constantFrom(10, 20, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(
        fc.array(live, { minLength: 1 }),
        staleAfterMs,
        fc.integer({ min: 1, max: 12 }),
        (lives, stale, max) => {
          const rows = lives.map(({ inactiveForMs, namedMsAgo }, n) => ({
            ...named(n, NOW - namedMsAgo),
            ...(inactiveForMs !== undefined && { inactiveSince: NOW - inactiveForMs }),
          }));
          const useless = lives.map(
            ({ inactiveForMs, namedMsAgo }) => inactiveForMs !== undefined || namedMsAgo > stale,
          );
          const needed = Math.max(0, lives.length + 1 - max);
          const { answer, put = [] } = makeRoom(rows, { endpointsMax: max, staleAfterMs: stale });
          expect(answer.kind === "ok").toBe(useless.filter(Boolean).length >= needed);
          const left = put.filter(({ state }) => state === "deregistered").map(({ endpointId }) => endpointId);
          expect(left).toHaveLength(answer.kind === "ok" ? needed : 0);
          expect(left.every((id) => useless[rows.findIndex(({ endpointId }) => endpointId === id)])).toBe(true);
        },
      ),
    );
  });
});
