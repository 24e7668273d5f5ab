import { describe, expect, it } from "vitest";
import { isWorthReporting, refusalIn, tokenOf } from "../../../src/client/push-services/answer.ts";

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";

/** An answer of FCM's, as Google documents them. */
function fcm(status: string, ...details: object[]) {
  return { error: { code: 400, message: "in words, which nobody reads", status, details } };
}

const INVALID = { "@type": FCM_ERROR, errorCode: "INVALID_ARGUMENT" };
const blaming = (field: string) => ({ "@type": BAD_REQUEST, fieldViolations: [{ field, description: "…" }] });

/** An answer in each form in which it may be given. */
function forms(body: object): [string, unknown][] {
  return [
    ["its body", body],
    ["its body as text", JSON.stringify(body)],
    ["with its status", { status: 400, body }],
    ["with its status, and as text", { status: 400, body: JSON.stringify(body) }],
  ];
}

describe("an answer of APNs's", () => {
  it.each(forms({ reason: "Unregistered", timestamp: 1_764_108_000_123 }))(
    "has its word and its time in %s",
    (_, answer) => {
      expect(refusalIn(answer)).toEqual({ reason: "Unregistered", since: 1_764_108_000_123 });
    },
  );

  it.each(forms({ reason: "BadDeviceToken" }))("has its word alone in %s", (_, answer) => {
    expect(refusalIn(answer)).toEqual({ reason: "BadDeviceToken", since: undefined });
  });

  it.each([Number.NaN, "1764108000123", null])("has no time where there is none: %j", (timestamp) => {
    expect(refusalIn({ reason: "Unregistered", timestamp })).toEqual({ reason: "Unregistered", since: undefined });
  });
});

describe("an answer of FCM's", () => {
  it.each(forms(fcm("NOT_FOUND", { "@type": FCM_ERROR, errorCode: "UNREGISTERED" })))(
    "has its word in %s",
    (_, answer) => {
      expect(refusalIn(answer)).toEqual({ reason: "UNREGISTERED", since: undefined });
    },
  );

  it("has its status for a word where it has no other", () => {
    expect(refusalIn(fcm("NOT_FOUND"))).toEqual({ reason: "NOT_FOUND", since: undefined });
  });

  it.each([
    ["nothing", [INVALID], "INVALID_ARGUMENT"],
    ["the payload", [INVALID, blaming("message.data")], "INVALID_ARGUMENT"],
    ["the token", [INVALID, blaming("message.token")], "SUSPECT_DEVICE_TOKEN"],
    ["the token, and has no word of its own", [blaming("message.token")], "SUSPECT_DEVICE_TOKEN"],
    ["the installation id", [INVALID, blaming("message.fid")], "SUSPECT_DEVICE_TOKEN"],
  ])("that is INVALID_ARGUMENT and blames %s", (_, details, reason) => {
    expect(refusalIn(fcm("INVALID_ARGUMENT", ...details))?.reason).toBe(reason);
  });
});

describe("an error of firebase-admin's", () => {
  const error = (code: string, data?: object) => {
    return Object.assign(new Error("…"), { code, ...(data && { httpResponse: { status: 404, headers: {}, data } }) });
  };

  it("has FCM's own word, where it has FCM's answer", () => {
    const wrongProject = error("messaging/registration-token-not-registered", fcm("NOT_FOUND"));
    expect(refusalIn(wrongProject)?.reason).toBe("NOT_FOUND");
    expect(refusalIn({ success: false, error: wrongProject })?.reason).toBe("NOT_FOUND");
  });

  it("has a word of its own, where it has not", () => {
    const older = error("messaging/registration-token-not-registered");
    expect(refusalIn(older)?.reason).toBe("messaging/registration-token-not-registered");
  });
});

describe("what says nothing of a token", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["success of APNs", { status: 200, body: "" }],
    ["success of FCM", { status: 200, body: { name: "projects/p/messages/1" } }],
    ["success of node-apn", { device: "740f" }],
    ["success of firebase-admin", { success: true, messageId: "projects/p/messages/1" }],
    ["success of firebase-admin's send, which is a name", "projects/p/messages/1"],
    ["a lost connection", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })],
    ["no network, of firebase-admin", Object.assign(new Error("…"), { code: "app/network-error" })],
    ["a gateway's page", { status: 502, body: "<html>" }],
    ["JSON that is cut off", { status: 410, body: '{"reason":"Unregi' }],
    ["an error without members", { error: {} }],
    ["a body that is a list", { status: 400, body: "[]" }],
  ])("%s", (_, answer) => {
    expect(refusalIn(answer)).toBeUndefined();
  });

  it("a payload, a certificate and a rate", () => {
    for (const reason of ["PayloadEmpty", "BadCertificate", "TooManyRequests", "INVALID_ARGUMENT", ""]) {
      expect(isWorthReporting({ reason, since: undefined })).toBe(false);
    }
  });
});

it("a word that is not known is worth reporting: the server may know it", () => {
  expect(isWorthReporting({ reason: "NEWER", since: undefined })).toBe(true);
});

it("a sender's own word is one", () => {
  expect(refusalIn({ reason: "INVALID_DEVICE_TOKEN" })).toEqual({ reason: "INVALID_DEVICE_TOKEN", since: undefined });
});

it("the token is read where an answer names it", () => {
  expect(tokenOf({ device: "740f", status: 410 })).toBe("740f");
  expect(tokenOf({ notification: { deviceToken: "740f" } })).toBe("740f");
  expect(tokenOf({ error: { notification: { deviceToken: "740f" } } })).toBe("740f");
  expect(tokenOf({ status: 410, body: "" })).toBeUndefined();
});
