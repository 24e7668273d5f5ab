import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureEffect } from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { decideReport } from "../../../src/worker/core/report.ts";
import { decideUpdate } from "../../../src/worker/core/update.ts";
import type { Endpoint, Row } from "../../../src/worker/model/endpoint.ts";
import { TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import type { RequestOf } from "../../../src/worker/model/user-rpcs.ts";
import { reporting, USER_ARN, updating } from "../../support/requests.ts";
import { changesOf, endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const LATER = NOW + 1_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const updated = { kind: "ok", response: { appInstanceUserArn: USER_ARN, endpointId: idOf(1) } };
/** Whatever needs no other row must not load them. */
function decide(row: Row | undefined, request: RequestOf<"updateAppInstanceUserEndpoint">, now: number) {
  return changesOf(decideUpdate(row, request, now, () => expect.fail("all rows are loaded")));
}
const phone = endpoint(1, { name: "phone" });

describe("decideUpdate", () => {
  it.each([
    ["the name", { name: "renamed" }],
    ["the name, to an empty one", { name: "" }],
    ["whether messages may wake it", { allowMessages: "NONE" as const }],
    ["both", { name: "renamed", allowMessages: "NONE" as const }],
  ])("changes %s, leaves the rest, and says when", (_, changes) => {
    expect(decide(phone, updating(idOf(1), changes), LATER)).toEqual({
      answer: updated,
      put: [{ ...phone, ...changes, lastUpdatedAt: LATER }],
    });
  });

  it("names an endpoint that had no name", () => {
    const nameless = endpoint(1);
    expect(decide(nameless, updating(idOf(1), { name: "" }), LATER).put).toEqual([
      { ...nameless, name: "", lastUpdatedAt: LATER },
    ]);
  });

  it("never moves the time of the last update backwards", () => {
    expect(decide(phone, updating(idOf(1), { name: "renamed" }), NOW - 1).put).toMatchObject([{ lastUpdatedAt: NOW }]);
  });

  it.each([
    ["asks for nothing", {}],
    ["asks for what is there", { name: "phone", allowMessages: "ALL" as const }],
  ])("changes nothing, not even the time, when the request %s", (_, changes) => {
    expect(decide(phone, updating(idOf(1), changes), LATER)).toEqual({ answer: updated, put: [] });
  });

  it.each([
    ["unknown", undefined],
    ["deregistered", tombstone(1, NOW)],
  ])("does not find an endpoint that is %s", (_, row) => {
    expect(decide(row, updating(idOf(1), { name: "renamed" }), LATER)).toEqual({
      answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
    });
  });
});

describe("decideUpdate with a token", () => {
  const tokens = (deviceToken: string, voipDeviceToken?: string) => ({
    endpointAttributes: { deviceToken, ...(voipDeviceToken !== undefined && { voipDeviceToken }) },
  });
  const apple = endpoint(1, { type: "APNS", ...tokens("ab12", "cd34"), name: "phone", allowMessages: "NONE" });

  /** All rows are the user's, and the first is the one to update. */
  function update(rows: readonly [Endpoint, ...Row[]], changes: Parameters<typeof updating>[1], now = LATER) {
    return changesOf(decideUpdate(rows[0], updating(rows[0].endpointId, changes), now, () => rows));
  }

  it("writes nothing for the tokens that are there, and loads no other row", () => {
    for (const changes of [tokens("ab12"), tokens("ab12", "cd34"), { ...tokens("ab12"), name: "phone" }]) {
      expect(decide(apple, updating(idOf(1), changes), NOW + WEEK_MS)).toEqual({ answer: updated, put: [] });
    }
  });

  it("says every seven days that the token was named, and moves no other time", () => {
    const now = NOW + WEEK_MS + 1;
    expect(update([apple], tokens("ab12"), now)).toEqual({ answer: updated, put: [{ ...apple, deviceTokenAt: now }] });
  });

  it("puts another token in the old one's place, and forgets what was held against that", () => {
    for (const marks of [{}, { inactiveSince: NOW }, { suspectedAt: NOW }]) {
      expect(update([{ ...apple, ...marks }], tokens("ef56"))).toEqual({
        answer: updated,
        put: [{ ...apple, deviceToken: "ef56", deviceTokenAt: LATER, lastUpdatedAt: LATER }],
      });
    }
  });

  it("changes tokens, name and messages together, and takes either token alone", () => {
    expect(update([apple], { ...tokens("ef56", "gh78"), name: "", allowMessages: "ALL" }).put).toEqual([
      {
        ...apple,
        ...{ deviceToken: "ef56", voipDeviceToken: "gh78", name: "", allowMessages: "ALL" },
        ...{ deviceTokenAt: LATER, lastUpdatedAt: LATER },
      },
    ]);
    expect(update([apple], tokens("ab12", "gh78")).put).toEqual([
      { ...apple, voipDeviceToken: "gh78", deviceTokenAt: LATER, lastUpdatedAt: LATER },
    ]);
  });

  it("keeps a token as it was sent: in another case it is the same device and another text", () => {
    expect(update([apple], tokens("AB12"))).toEqual({
      answer: updated,
      put: [{ ...apple, deviceToken: "AB12", deviceTokenAt: LATER, lastUpdatedAt: LATER }],
    });
  });

  it("makes an endpoint ACTIVE by the token that it has; a new name does not, nor does it confirm a token", () => {
    const dead = { ...apple, inactiveSince: NOW };
    const suspected = { ...apple, suspectedAt: NOW };
    const old = { ...apple, deviceTokenAt: NOW - WEEK_MS };
    expect(update([dead], tokens("ab12")).put).toEqual([{ ...apple, deviceTokenAt: LATER, lastUpdatedAt: LATER }]);
    expect(update([suspected], tokens("ab12")).put).toEqual([{ ...apple, deviceTokenAt: LATER }]);
    for (const row of [dead, suspected, old]) {
      expect(update([row], { name: "renamed" }).put).toEqual([{ ...row, name: "renamed", lastUpdatedAt: LATER }]);
    }
  });

  it("names the token after all others of the user's, also where the clock stepped back", () => {
    const other = { ...endpoint(2), deviceTokenAt: NOW + 5_000 };
    expect(update([apple, other], tokens("ef56")).put).toMatchObject([{ deviceTokenAt: NOW + 5_001 }]);
    expect(update([apple], tokens("ef56"), NOW - 1).put).toMatchObject([
      { deviceTokenAt: NOW + 1, lastUpdatedAt: NOW },
    ]);
  });

  it.each([
    ["ACTIVE", {}],
    ["suspected", { suspectedAt: NOW }],
    ["muted", { allowMessages: "NONE" as const }],
    ["long not confirmed", { deviceTokenAt: 0 }],
  ])("is refused the device of another endpoint of the user that is %s, and changes nothing", (_, marks) => {
    const other = { ...endpoint(2, { type: "APNS", ...tokens("ef56") }), ...marks };
    expect(update([apple, other], { ...tokens("EF56"), name: "renamed" })).toEqual({
      answer: { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: idOf(2) },
    });
  });

  it.each([
    ["type", { type: "APNS_SANDBOX" as const }],
    ["app", { resourceArn: "arn:aws:mobiletargeting:us-east-1:1:apps/other" }],
  ])("has nobody in its way who has the token for another %s", (_, asked) => {
    const other = endpoint(2, { type: "APNS", ...tokens("ef56"), ...asked });
    expect(update([apple, other], tokens("ef56")).put).toMatchObject([{ endpointId: idOf(1), deviceToken: "ef56" }]);
  });

  it("makes an endpoint that is INACTIVE give way, in the same step", () => {
    const other = { ...endpoint(2, { type: "APNS", ...tokens("ef56") }), inactiveSince: NOW };
    expect(update([apple, other], tokens("EF56"))).toEqual({
      answer: updated,
      put: [{ ...apple, deviceToken: "EF56", deviceTokenAt: LATER, lastUpdatedAt: LATER }, tombstone(2, LATER)],
      purgeAt: LATER + TOMBSTONE_LIFETIME_MS,
    });
    expect(update([apple, other, tombstone(3, NOW)], tokens("EF56")).purgeAt).toBeUndefined();
  });

  it("leaves what is registered with the old token to whoever registers it next", () => {
    const [rotated] = update([apple], tokens("ef56")).put ?? [];
    expect(rotated).toMatchObject({ clientRequestToken: apple.clientRequestToken, fingerprint: apple.fingerprint });
  });

  it("does not find what is unknown or deregistered", () => {
    for (const row of [undefined, tombstone(1, NOW)]) {
      expect(decide(row, updating(idOf(1), tokens("ab12")), LATER)).toEqual({
        answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
      });
    }
  });

  it("is not touched by a failure of its former token, whenever that was", () => {
    const [rotated] = update([apple], tokens("ef56")).put ?? [];
    fc.assert(
      fc.property(
        fc.constantFrom("Unregistered", "BadDeviceToken"),
        fc.integer({ min: -40, max: 40 }),
        (reason, days) => {
          const failed = { endpointId: idOf(1), deviceToken: "ab12", reason, at: LATER + days * DAY_MS };
          const { answer, put } = decideReport(() => rotated, reporting(failed, failed), LATER + 40 * DAY_MS);
          expect(put).toEqual([]);
          const replaced = { effect: FailureEffect.TOKEN_REPLACED };
          expect(answer).toMatchObject({ response: { results: [replaced, replaced] } });
        },
      ),
    );
  });
});
