import { describe, expect, it } from "vitest";
import {
  EndpointStatus,
  EndpointStatusReason,
  FailureEffect,
} from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { decideReport } from "../../../src/worker/core/report.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { type Failed, reporting, USER_ARN } from "../../support/requests.ts";
import { applied, endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const DAY_MS = 86_400_000;

/** When the failures are reported: long after the token was named. */
const LATER = NOW + 30 * DAY_MS;

const ACTIVE = { status: EndpointStatus.ACTIVE, statusReason: EndpointStatusReason.UNSPECIFIED };
const INACTIVE = { status: EndpointStatus.INACTIVE, statusReason: EndpointStatusReason.INVALID_DEVICE_TOKEN };

const phone = endpoint(1, {
  type: "APNS",
  endpointAttributes: { deviceToken: "ab12", voipDeviceToken: "cd34" },
  name: "phone",
});
const dead = { ...phone, inactiveSince: LATER, lastUpdatedAt: LATER };

/** A push to the phone that failed a second before that is reported, for it is gone. */
function failed(changes: Partial<Failed> = {}): Failed {
  return { endpointId: idOf(1), deviceToken: "ab12", reason: "Unregistered", at: LATER - 1_000, ...changes };
}

function report(rows: readonly Row[], failures: readonly Failed[], now = LATER) {
  const {
    answer,
    put = [],
    drop,
    purgeAt,
  } = decideReport((id) => rows.find(({ endpointId }) => endpointId === id), reporting(...failures), now);
  expect({ drop, purgeAt }).toEqual({});
  const results = answer.kind === "ok" ? answer.response.results : expect.fail(answer.reason);
  return { put, results, effects: results.map(({ effect }) => effect), rows: applied(rows, { put }) };
}

describe("decideReport", () => {
  it("makes an endpoint INACTIVE whose token is gone, and says so", () => {
    const { put, results } = report([phone], [failed()]);
    expect(put).toEqual([dead]);
    expect(results).toEqual([
      {
        appInstanceUserArn: USER_ARN,
        endpointId: idOf(1),
        effect: FailureEffect.DEACTIVATED,
        endpointState: INACTIVE,
      },
    ]);
  });

  it.each([
    ["Unregistered", "DEACTIVATED"],
    ["ExpiredToken", "DEACTIVATED"],
    ["UNREGISTERED", "DEACTIVATED"],
    ["NotRegistered", "DEACTIVATED"],
    ["registration-token-not-registered", "DEACTIVATED"],
    ["messaging/registration-token-not-registered", "DEACTIVATED"],
    ["MESSAGING/REGISTRATION-TOKEN-NOT-REGISTERED", "DEACTIVATED"],
    ["INVALID_DEVICE_TOKEN", "DEACTIVATED"],
    ["BadDeviceToken", "SUSPECTED"],
    ["InvalidRegistration", "SUSPECTED"],
    ["NOT_FOUND", "SUSPECTED"],
    ["messaging/not_found", "SUSPECTED"],
    ["SUSPECT_DEVICE_TOKEN", "SUSPECTED"],
    ["INVALID_ARGUMENT", "REASON_IGNORED"],
    ["messaging/invalid-argument", "REASON_IGNORED"],
    ["invalid-registration-token", "SUSPECTED"],
    ["DeviceTokenNotForTopic", "REASON_IGNORED"],
    ["TopicDisallowed", "REASON_IGNORED"],
    ["BadTopic", "REASON_IGNORED"],
    ["MismatchSenderId", "REASON_IGNORED"],
    ["SENDER_ID_MISMATCH", "REASON_IGNORED"],
    ["THIRD_PARTY_AUTH_ERROR", "REASON_IGNORED"],
    ["InvalidProviderToken", "REASON_IGNORED"],
    ["ExpiredProviderToken", "REASON_IGNORED"],
    ["PayloadTooLarge", "REASON_IGNORED"],
    ["TooManyRequests", "REASON_IGNORED"],
    ["Shutdown", "REASON_IGNORED"],
    ["InternalServerError", "REASON_IGNORED"],
    ["UNAVAILABLE", "REASON_IGNORED"],
    ["a word of next year", "REASON_IGNORED"],
    ["Unregistered ", "REASON_IGNORED"],
    ["messaging/messaging/unregistered", "REASON_IGNORED"],
  ] as const)("takes the push service's word %s: %s", (reason, effect) => {
    const { put, effects } = report([phone], [failed({ reason })]);
    expect(effects).toEqual([FailureEffect[effect]]);
    const after = { DEACTIVATED: dead, SUSPECTED: { ...phone, suspectedAt: LATER - 1_000 }, REASON_IGNORED: undefined };
    expect(put).toEqual(after[effect] === undefined ? [] : [after[effect]]);
  });

  it.each([
    ["unknown", []],
    ["deregistered", [tombstone(1, LATER)]],
  ])("does not find an endpoint that is %s", (_, rows) => {
    expect(report(rows, [failed()])).toMatchObject({
      results: [{ appInstanceUserArn: USER_ARN, endpointId: idOf(1), effect: FailureEffect.NOT_FOUND }],
      put: [],
    });
    expect(report(rows, [failed()]).results[0]).not.toHaveProperty("endpointState");
  });

  it.each([
    ["another token", "ef56"],
    ["a token that only begins as its own does", "ab1"],
    ["the token of another endpoint", "device-2"],
    ["an empty token", ""],
  ])("says that the token was replaced where the failure names %s", (_, deviceToken) => {
    const { voipDeviceToken: _voip, ...withoutVoip } = phone;
    for (const row of [phone, withoutVoip]) {
      expect(report([row, endpoint(2)], [failed({ deviceToken })])).toMatchObject({
        effects: [FailureEffect.TOKEN_REPLACED],
        results: [{ endpointState: ACTIVE }],
        put: [],
      });
    }
  });

  it("compares tokens as registrations are: Apple's in either case, Google's by each character", () => {
    expect(report([phone], [failed({ deviceToken: "AB12" })]).put).toEqual([dead]);
    expect(report([phone], [failed({ deviceToken: "CD34" })]).effects).toEqual([FailureEffect.VOIP_TOKEN_REMOVED]);
    const google = endpoint(1, { endpointAttributes: { deviceToken: "ab12" } });
    expect(report([google], [failed({ deviceToken: "AB12" })]).effects).toEqual([FailureEffect.TOKEN_REPLACED]);
  });

  it("goes by when the token was named, to the millisecond, and not by when the endpoint was changed", () => {
    const named = { ...phone, deviceTokenAt: LATER - 5_000, lastUpdatedAt: LATER };
    expect(report([named], [failed({ at: LATER - 5_001 })])).toMatchObject({
      effects: [FailureEffect.CONFIRMED_SINCE],
      results: [{ endpointState: ACTIVE }],
      put: [],
    });
    expect(report([named], [failed({ at: LATER - 5_000 })]).effects).toEqual([FailureEffect.DEACTIVATED]);
    // Of a row that says nothing else: when it was made.
    expect(report([phone], [failed({ at: NOW - 1 })]).effects).toEqual([FailureEffect.CONFIRMED_SINCE]);
    expect(report([phone], [failed({ at: NOW })]).effects).toEqual([FailureEffect.DEACTIVATED]);
  });

  it("takes a time ahead for now: nothing that is confirmed from now on fails by it", () => {
    const named = { ...phone, deviceTokenAt: LATER + 1 };
    expect(report([named], [failed({ at: LATER + DAY_MS })]).effects).toEqual([FailureEffect.CONFIRMED_SINCE]);
    const { put } = report([phone], [failed({ reason: "BadDeviceToken", at: LATER + DAY_MS })]);
    expect(put).toEqual([{ ...phone, suspectedAt: LATER }]);
  });

  it("never moves the time of the last update backwards", () => {
    const updated = { ...phone, lastUpdatedAt: LATER + 5 };
    expect(report([updated], [failed()]).put).toMatchObject([{ inactiveSince: LATER, lastUpdatedAt: LATER + 5 }]);
  });

  it("leaves an endpoint INACTIVE since it was so first", () => {
    const long = { ...dead, inactiveSince: LATER - DAY_MS };
    for (const reason of ["Unregistered", "BadDeviceToken"]) {
      expect(report([long], [failed({ reason })])).toMatchObject({
        effects: [FailureEffect.DEACTIVATED],
        results: [{ endpointState: INACTIVE }],
        put: [],
      });
    }
  });
});

describe("a token that is suspected", () => {
  const suspect = (agoMs: number) => failed({ reason: "BadDeviceToken", at: LATER - agoMs });

  it.each([
    ["later", [DAY_MS, 0]],
    ["earlier", [0, DAY_MS]],
  ] as const)("is believed dead by a failure that is 24 hours %s, whenever that is reported", (_, [first, second]) => {
    const { rows, effects } = report([phone], [suspect(first)]);
    expect(effects).toEqual([FailureEffect.SUSPECTED]);
    expect(report(rows, [suspect(second)]).put).toEqual([dead]);
    expect(report([phone], [suspect(first), suspect(second)]).put).toEqual([dead]);
  });

  it("is suspected no more than before by one that is less than that apart", () => {
    const { rows } = report([phone], [suspect(DAY_MS - 1)]);
    expect(report(rows, [suspect(0)])).toMatchObject({
      effects: [FailureEffect.SUSPECTED],
      results: [{ endpointState: ACTIVE }],
      put: [],
    });
  });

  it("is not believed dead by the same report that is made again, however much later", () => {
    const { rows } = report([phone], [suspect(0)]);
    expect(report(rows, [suspect(0)], LATER + 10 * DAY_MS)).toMatchObject({
      effects: [FailureEffect.SUSPECTED],
      put: [],
    });
  });

  it("stays so when three reports come again whose failures are out of order", () => {
    const hour = DAY_MS / 24;
    const failures = [suspect(15 * hour), suspect(3 * hour), suspect(28 * hour)];
    const { rows, put } = report([phone], failures);
    expect(put).toEqual([{ ...phone, suspectedAt: LATER - 15 * hour }]);
    for (const failure of failures) {
      expect(report(rows, [failure]).put).toEqual([]);
    }
  });

  it("is gone at once where the push service says so", () => {
    const { rows } = report([phone], [suspect(0)]);
    expect(report(rows, [failed()]).put).toEqual([dead]);
  });
});

describe("a token for VoIP notifications", () => {
  const voip = (changes: Partial<Failed> = {}) => failed({ deviceToken: "cd34", ...changes });
  const { voipDeviceToken: _, ...without } = phone;

  it("is removed alone where it is gone", () => {
    expect(report([phone], [voip()])).toMatchObject({
      put: [{ ...without, lastUpdatedAt: LATER }],
      effects: [FailureEffect.VOIP_TOKEN_REMOVED],
      results: [{ endpointState: ACTIVE }],
    });
    expect(report([phone], [voip()]).put[0]).not.toHaveProperty("voipDeviceToken");
  });

  it("leaves an endpoint INACTIVE that is", () => {
    expect(report([dead], [voip()]).put).toEqual([{ ...without, inactiveSince: LATER, lastUpdatedAt: LATER }]);
  });

  it.each(["BadDeviceToken", "NOT_FOUND", "INVALID_ARGUMENT"])("is not suspected by %s, nor is the other", (reason) => {
    expect(report([phone], [voip({ reason }), voip({ reason, at: LATER - DAY_MS })])).toMatchObject({
      effects: [FailureEffect.REASON_IGNORED, FailureEffect.REASON_IGNORED],
      put: [],
    });
  });

  it("is kept where a call has named the tokens since", () => {
    expect(report([{ ...phone, deviceTokenAt: LATER }], [voip()])).toMatchObject({
      effects: [FailureEffect.CONFIRMED_SINCE],
      put: [],
    });
  });

  it("counts as the device's where both are the same", () => {
    const same = { ...phone, voipDeviceToken: "AB12" };
    expect(report([same], [failed()]).effects).toEqual([FailureEffect.DEACTIVATED]);
  });
});
