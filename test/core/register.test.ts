import { describe, expect, it } from "vitest";
import { decideRegister } from "../../src/core/register.ts";
import type { Endpoint, Row, Tombstone } from "../../src/model/endpoint.ts";
import { ROWS_PER_USER_MAX } from "../../src/model/limits.ts";
import type { RegisterAppInstanceUserEndpointRequest } from "../../src/model/operations.ts";
import { registration } from "../support/requests.ts";

const NOW = 1_800_000_000_000;

function decide(rows: Row[], changes: Partial<RegisterAppInstanceUserEndpointRequest> = {}, endpointsMax = 10) {
  return decideRegister(rows, registration(changes), { now: NOW, endpointsMax, newId: (after) => `after ${after}` });
}

/** The endpoint that a registration makes. */
function endpoint(changes: Partial<RegisterAppInstanceUserEndpointRequest> = {}): Endpoint {
  const { put } = decide([], changes);
  if (put?.state !== "live") {
    throw new Error("nothing was registered");
  }
  return put;
}

function tombstone(changes: Partial<Tombstone> = {}): Tombstone {
  return { state: "deregistered", endpointId: "gone", clientRequestToken: "request-1", expiresAt: NOW + 1, ...changes };
}

describe("decideRegister", () => {
  it("makes an endpoint after the latest one, with all that was asked for", () => {
    const { answer, put } = decide([tombstone({ clientRequestToken: "old", endpointId: "latest" })], {
      endpointAttributes: { deviceToken: "d", voipDeviceToken: "v" },
      name: "",
      allowMessages: "NONE",
    });
    expect(put).toEqual({
      state: "live",
      endpointId: "after latest",
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
    });
    expect(answer).toEqual({
      kind: "ok",
      response: { appInstanceUserArn: registration().appInstanceUserArn, endpointId: "after latest" },
    });
  });

  it("replays a request token with the same request, also after an update, and puts nothing", () => {
    const updated = { ...endpoint(), name: "renamed", allowMessages: "NONE" as const };
    expect(decide([updated])).toEqual({
      answer: {
        kind: "ok",
        response: { appInstanceUserArn: registration().appInstanceUserArn, endpointId: updated.endpointId },
        replayed: true,
      },
    });
  });

  it.each([
    ["another device token", { endpointAttributes: { deviceToken: "device-2" } }],
    ["a VoIP token", { endpointAttributes: { deviceToken: "device-1", voipDeviceToken: "v" } }],
    ["another type", { type: "APNS" as const }],
    ["another resource", { resourceArn: "arn:aws:mobiletargeting:us-east-1:1:apps/other" }],
    ["an empty name", { name: "" }],
    ["messages muted", { allowMessages: "NONE" as const }],
  ])("refuses a request token that comes again with %s", (_, changes) => {
    const first = endpoint();
    expect(decide([first], changes)).toEqual({
      answer: { kind: "conflict", reason: "REQUEST_TOKEN_REUSED", endpointId: first.endpointId },
    });
  });

  it("refuses the request token of a deregistered endpoint for as long as the tombstone lives", () => {
    expect(decide([tombstone()])).toEqual({
      answer: { kind: "conflict", reason: "ENDPOINT_DEREGISTERED", endpointId: "gone" },
    });
    expect(decide([tombstone({ expiresAt: NOW })]).answer.kind).toBe("ok");
  });

  it("refuses a device that is registered, whatever else differs", () => {
    const first = endpoint({ name: "first", allowMessages: "NONE" });
    expect(decide([first], { clientRequestToken: "request-2" })).toEqual({
      answer: { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: first.endpointId },
    });
  });

  it.each([
    ["type", { type: "APNS" as const }],
    ["resource", { resourceArn: "arn:aws:mobiletargeting:us-east-1:1:apps/other" }],
    ["device token", { endpointAttributes: { deviceToken: "DEVICE-1" } }],
  ])("takes a device with another %s for another device", (_, changes) => {
    expect(decide([endpoint()], { ...changes, clientRequestToken: "request-2" }).answer.kind).toBe("ok");
  });

  it("refuses at the limit and above it, and does not count tombstones", () => {
    const rows: Row[] = [1, 2, 3].map((n) => ({
      ...endpoint({ endpointAttributes: { deviceToken: `device-${n}` } }),
      clientRequestToken: `t-${n}`,
      endpointId: `e-${n}`,
    }));
    const another = { clientRequestToken: "another", endpointAttributes: { deviceToken: "another" } };
    const refusal = (limit: number) => ({
      answer: { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit },
    });
    expect(decide(rows, another, 3)).toEqual(refusal(3));
    expect(decide(rows, another, 2)).toEqual(refusal(2));
    expect(decide([...rows, tombstone()], another, 4).answer.kind).toBe("ok");
  });

  it("answers in the order replay, conflict, limit, room for tombstones", () => {
    const first = endpoint();
    const sameDevice = { ...endpoint(), endpointId: "second", clientRequestToken: "request-2" };
    const tombstones = Array.from({ length: ROWS_PER_USER_MAX }, (_, n) =>
      tombstone({ endpointId: `e-${n}`, clientRequestToken: `t-${n}` }),
    );
    const rows = [...tombstones, first, sameDevice];
    const reason = (changes: Partial<RegisterAppInstanceUserEndpointRequest>, endpointsMax: number) => {
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
    const rows = Array.from({ length: ROWS_PER_USER_MAX }, (_, n) =>
      tombstone({ endpointId: `e-${n}`, clientRequestToken: `t-${n}`, expiresAt: NOW + 5_000 + n }),
    );
    expect(decide(rows, { clientRequestToken: "another" })).toEqual({
      answer: { kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: 5_000 },
    });
    const expired = rows.with(0, tombstone({ expiresAt: NOW }));
    expect(decide(expired, { clientRequestToken: "another" }).answer.kind).toBe("ok");
  });
});
