/** A device that is registered already and registers again: as a replay of its request, or by another request. */
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../../src/worker/core/fingerprint.ts";
import { decideRegister, type RegisterRules } from "../../../src/worker/core/register.ts";
import type { Endpoint, Row } from "../../../src/worker/model/endpoint.ts";
import { ROWS_PER_USER_MAX, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { type Asked, registration, USER_ARN } from "../../support/requests.ts";
import { endpoint, idOf, NOW, RULES, tombstone } from "../../support/rows.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const LATER = NOW + 1_000;

const tokens = (deviceToken: string, voipDeviceToken?: string) => ({
  endpointAttributes: { deviceToken, ...(voipDeviceToken !== undefined && { voipDeviceToken }) },
});

/** What the phone asks for whenever it registers. */
const ASKED = { type: "APNS", ...tokens("ab12", "cd34"), name: "phone", allowMessages: "NONE" } as const;
const phone = endpoint(1, ASKED);

function register(rows: readonly Row[], asked: Partial<Asked>, rules: Partial<RegisterRules> = {}) {
  const newId = () => expect.fail("an endpoint is made");
  const {
    answer,
    put,
    drop = [],
    purgeAt,
  } = decideRegister(rows, registration(asked), { ...RULES, now: LATER, newId, ...rules });
  return { answer, put, drop, purgeAt };
}

const ok = { kind: "ok", response: { appInstanceUserArn: USER_ARN, endpointId: idOf(1) } };
const replayed = (put: readonly Row[]) => ({ answer: { ...ok, replayed: true }, put, drop: [] });

describe("a replay", () => {
  it("writes nothing within seven days, and then only that the token was named", () => {
    expect(register([phone], ASKED, { now: NOW + WEEK_MS })).toEqual(replayed([]));
    const now = NOW + WEEK_MS + 1;
    expect(register([phone], ASKED, { now })).toEqual(replayed([{ ...phone, deviceTokenAt: now }]));
  });

  it("heals an endpoint whose token it names", () => {
    expect(register([{ ...phone, inactiveSince: NOW }], ASKED)).toEqual(
      replayed([{ ...phone, deviceTokenAt: LATER, lastUpdatedAt: LATER }]),
    );
    expect(register([{ ...phone, suspectedAt: NOW }], ASKED)).toEqual(replayed([{ ...phone, deviceTokenAt: LATER }]));
  });

  it.each([
    ["ACTIVE", {}],
    ["INACTIVE", { inactiveSince: NOW }],
    ["suspected", { suspectedAt: NOW }],
    ["long not confirmed", { deviceTokenAt: 0 }],
  ])("is answered as ever where the token is another by now, and changes nothing of what is %s", (_, marks) => {
    expect(register([{ ...phone, deviceToken: "ef56", ...marks }], ASKED)).toEqual(replayed([]));
  });

  it("brings back neither a token for VoIP notifications, nor a name, nor a setting", () => {
    const { voipDeviceToken: _, ...without } = phone;
    const changed = { ...without, name: "renamed", allowMessages: "ALL" as const, inactiveSince: NOW };
    const { inactiveSince: _since, ...healed } = changed;
    expect(register([changed], ASKED)).toEqual(replayed([{ ...healed, deviceTokenAt: LATER, lastUpdatedAt: LATER }]));
  });

  it("is a refusal of another request with its token, whatever becomes of the endpoint", () => {
    for (const marks of [{}, { inactiveSince: NOW }]) {
      expect(register([{ ...phone, ...marks }], { ...ASKED, name: "other" }, { adopts: true })).toEqual({
        answer: { kind: "conflict", reason: "REQUEST_TOKEN_REUSED", endpointId: idOf(1) },
        drop: [],
      });
    }
  });
});

/** The phone with another request token, which says nothing but its device. */
const AGAIN = { type: "APNS", ...tokens("ab12"), clientRequestToken: "again" } as const;

const adopted = (put: readonly Row[], drop: string[] = []) => ({ answer: { ...ok, adopted: true }, put, drop });

/** The phone as it is after a call that wrote. */
const after = (asked: Partial<Asked>, changes: Partial<Endpoint> = {}) => ({
  ...phone,
  ...{ clientRequestToken: "again", fingerprint: fingerprint(registration(asked)), deviceTokenAt: LATER },
  ...changes,
});

describe("the same device with another request token", () => {
  it.each([
    ["ACTIVE", {}],
    ["suspected", { suspectedAt: NOW }],
    ["long not confirmed", { deviceTokenAt: 0 }],
  ])("is refused while it is %s, if that is not configured otherwise", (_, marks) => {
    expect(register([{ ...phone, ...marks }], AGAIN)).toEqual({
      answer: { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: idOf(1) },
      drop: [],
    });
  });

  it.each([false, true])(
    "takes up an endpoint that is INACTIVE, whether ACTIVE ones are adopted (%s) or not",
    (adopts) => {
      expect(register([{ ...phone, inactiveSince: NOW }], AGAIN, { adopts })).toEqual(
        adopted([after(AGAIN, { lastUpdatedAt: LATER })]),
      );
    },
  );

  it("takes up one that is stale", () => {
    const now = NOW + 14 * DAY_MS + 1;
    for (const adopts of [false, true]) {
      expect(register([phone], AGAIN, { adopts, staleAfterMs: 14 * DAY_MS, now })).toEqual(
        adopted([after(AGAIN, { deviceTokenAt: now })]),
      );
    }
  });

  it("writes nothing within seven days where nothing differs, and then remembers the request that wrote", () => {
    expect(register([phone], AGAIN, { adopts: true, now: NOW + WEEK_MS })).toEqual(adopted([]));
    const now = NOW + WEEK_MS + 1;
    expect(register([phone], AGAIN, { adopts: true, now })).toEqual(adopted([after(AGAIN, { deviceTokenAt: now })]));
  });

  it("costs five rows in a month of daily launches, each with a request token of its own", () => {
    let [row, written] = [phone, 0];
    for (let day = 0; day < 30; day++) {
      const launch = { ...AGAIN, clientRequestToken: `launch-${day}` };
      const { put = [] } = register([row], launch, { adopts: true, now: NOW + day * DAY_MS + 1 });
      written += put.length;
      row = (put[0] as Endpoint | undefined) ?? row;
    }
    expect(written).toBeLessThanOrEqual(5);
    expect(written).toBeGreaterThan(0);
  });

  it("does not unmute, rename or take away a token by what it leaves out", () => {
    const { put } = register([{ ...phone, inactiveSince: NOW }], AGAIN, { adopts: true });
    expect(put).toMatchObject([{ allowMessages: "NONE", name: "phone", voipDeviceToken: "cd34" }]);
  });

  it.each([
    ["a name", { name: "" }],
    ["a setting", { allowMessages: "ALL" as const }],
    ["a token for VoIP notifications", tokens("ab12", "gh78")],
    ["its token in another case", tokens("AB12")],
  ])("writes %s that is there and differs, at once", (_, changes) => {
    const asked = { ...AGAIN, ...changes };
    const { endpointAttributes, ...rest } = changes as Partial<Asked>;
    expect(register([phone], asked, { adopts: true })).toEqual(
      adopted([after(asked, { ...rest, ...endpointAttributes, lastUpdatedAt: LATER })]),
    );
  });

  it("replays from then on by the request that wrote, and by the former one is another launch", () => {
    const [row] = register([{ ...phone, inactiveSince: NOW }], AGAIN).put as [Endpoint];
    expect(register([row], AGAIN).answer).toMatchObject({ replayed: true });
    expect(register([row], ASKED).answer).toMatchObject({ reason: "DEVICE_ALREADY_REGISTERED" });
    expect(register([row], ASKED, { adopts: true }).answer).toMatchObject({ adopted: true });
  });

  it("takes the place of what an expired tombstone says of its request token, where it writes", () => {
    const expired = { ...tombstone(2, LATER - TOMBSTONE_LIFETIME_MS), clientRequestToken: "again" };
    const other = tombstone(3, LATER - TOMBSTONE_LIFETIME_MS);
    const dead = { ...phone, inactiveSince: NOW };
    expect(register([dead, expired, other], AGAIN)).toEqual(
      adopted([after(AGAIN, { lastUpdatedAt: LATER })], [idOf(2)]),
    );
    expect(register([phone, expired, other], AGAIN, { adopts: true })).toEqual(adopted([]));
    const fresh = { ...expired, expiresAt: LATER + 1 };
    expect(register([dead, fresh], AGAIN).answer).toMatchObject({ reason: "ENDPOINT_DEREGISTERED" });
  });

  it("needs no room: neither the limit nor the memory for what was deregistered refuses it", () => {
    const full = Array.from({ length: ROWS_PER_USER_MAX - 1 }, (_, n) => tombstone(2 + n, NOW));
    const rows = [{ ...phone, inactiveSince: NOW }, ...full];
    expect(register(rows, AGAIN, { endpointsMax: 1 }).answer).toMatchObject({ adopted: true });
    expect(register([phone, endpoint(2)], AGAIN, { adopts: true, endpointsMax: 1 }).answer).toMatchObject({
      adopted: true,
    });
  });

  it("is another device for another app or service", () => {
    const other = { ...AGAIN, resourceArn: "arn:aws:mobiletargeting:us-east-1:1:apps/other" };
    for (const asked of [other, { ...AGAIN, type: "APNS_SANDBOX" as const }]) {
      const { answer, put } = register([phone], asked, { adopts: true, newId: () => idOf(2) });
      expect(answer).toEqual({ kind: "ok", response: { ...ok.response, endpointId: idOf(2) } });
      expect(put).toMatchObject([{ endpointId: idOf(2) }]);
    }
  });
});
