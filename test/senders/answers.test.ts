import { timestampDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppInstanceUserEndpointType, createRollcallClient, EndpointStatus } from "../../src/client/index.ts";
import { FailureEffect, type Report, reportFailures, resolveEndpoints } from "../../src/client/senders.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";
import {
  apns2,
  apns2Many,
  apnsAlone,
  fcmAlone,
  firebaseSend,
  firebaseSendEach,
  nodeApn,
  type Sender,
} from "./libraries.ts";
import { type Answer, blaming, fcmError, type PushService, serveApns, serveFcm } from "./push-services.ts";

/** What becomes of a push's answer: a failure's effect, or nothing. */
type Outcome = keyof typeof FailureEffect | "nothing";

const server = serveOnWorkerd();

/** When APNs learned that a token is dead: now, in milliseconds, or before its app named it. */
const gone = (reason: string, timestamp: () => number): (() => Answer) => {
  return () => ({ status: 410, body: { reason, timestamp: timestamp() } });
};
const apns = (status: number, reason: string) => () => ({ status, body: { reason } });

const APNS: Record<string, { answer: () => Answer; outcome: Outcome }> = {
  success: { answer: () => ({ status: 200 }), outcome: "nothing" },
  "410 Unregistered": { answer: gone("Unregistered", () => Date.now()), outcome: "DEACTIVATED" },
  "410 Unregistered, of an earlier life": {
    answer: gone("Unregistered", () => Date.now() - 3_600_000),
    outcome: "CONFIRMED_SINCE",
  },
  "410 ExpiredToken": { answer: gone("ExpiredToken", () => Date.now()), outcome: "DEACTIVATED" },
  "400 BadDeviceToken": { answer: apns(400, "BadDeviceToken"), outcome: "SUSPECTED" },
  "400 DeviceTokenNotForTopic": { answer: apns(400, "DeviceTokenNotForTopic"), outcome: "nothing" },
  "400 PayloadEmpty": { answer: apns(400, "PayloadEmpty"), outcome: "nothing" },
  "400 with a word that nobody knows": { answer: apns(400, "NewerWord"), outcome: "REASON_IGNORED" },
  "403 ExpiredProviderToken": { answer: apns(403, "ExpiredProviderToken"), outcome: "nothing" },
  "403 BadCertificateEnvironment": { answer: apns(403, "BadCertificateEnvironment"), outcome: "nothing" },
  "429 TooManyRequests": { answer: apns(429, "TooManyRequests"), outcome: "nothing" },
  "500 InternalServerError": { answer: apns(500, "InternalServerError"), outcome: "nothing" },
  "503 without a body": { answer: () => ({ status: 503 }), outcome: "nothing" },
};

const FCM: Record<string, { answer: () => Answer; outcome: Outcome; token?: string }> = {
  success: { answer: () => ({ status: 200, body: { name: "projects/demo/messages/1" } }), outcome: "nothing" },
  "404 UNREGISTERED": { answer: () => fcmError(404, "NOT_FOUND", "UNREGISTERED"), outcome: "DEACTIVATED" },
  "404 UNREGISTERED, of an installation id": {
    ...{ answer: () => fcmError(404, "NOT_FOUND", "UNREGISTERED"), outcome: "DEACTIVATED" },
    token: "fid-",
  },
  "404 NOT_FOUND, as of a wrong project": { answer: () => fcmError(404, "NOT_FOUND"), outcome: "SUSPECTED" },
  "403 SENDER_ID_MISMATCH": {
    ...{ answer: () => fcmError(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), outcome: "nothing" },
  },
  "400 INVALID_ARGUMENT": { answer: () => fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), outcome: "nothing" },
  "400 INVALID_ARGUMENT, of the payload": {
    answer: () => fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", blaming("message.data[0].value")),
    outcome: "nothing",
  },
  "400 INVALID_ARGUMENT, of the token": {
    answer: () => fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", blaming("message.token")),
    outcome: "SUSPECTED",
  },
  "429 QUOTA_EXCEEDED": { answer: () => fcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), outcome: "nothing" },
  "401 THIRD_PARTY_AUTH_ERROR": {
    ...{ answer: () => fcmError(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), outcome: "nothing" },
  },
  "503 UNAVAILABLE": { answer: () => fcmError(503, "UNAVAILABLE", "UNAVAILABLE"), outcome: "nothing" },
  "500 INTERNAL": { answer: () => fcmError(500, "INTERNAL", "INTERNAL"), outcome: "nothing" },
};

describe.each(
  Object.entries({ "@parse/node-apn": nodeApn, apns2, "apns2, many at a time": apns2Many, "HTTP/2 alone": apnsAlone }),
)("APNs, by %s", (_, sender) => testSender(AppInstanceUserEndpointType.APNS, sender, serveApns, APNS));

describe.each(
  Object.entries({
    "firebase-admin": firebaseSend,
    "firebase-admin, each of many": firebaseSendEach,
    "HTTP alone": fcmAlone,
  }),
)("FCM, by %s", (_, sender) => testSender(AppInstanceUserEndpointType.GCM, sender, serveFcm, FCM));

function testSender(
  type: AppInstanceUserEndpointType,
  senderAt: (port: number) => Sender,
  serve: typeof serveApns,
  cases: Record<string, { answer: () => Answer; outcome: Outcome; token?: string }>,
): void {
  const answers = new Map<string, () => Answer>();
  let service: PushService;
  let sender: Sender;
  beforeAll(async () => {
    service = await serve((token) => answers.get(token)?.() ?? { status: 404 });
    sender = senderAt(service.port);
  });
  afterAll(async () => {
    await sender.close();
    service.close();
  });

  it.each(Object.entries(cases))("%s", async (_, { answer, outcome, token = "" }) => {
    const deviceToken = `${token}${crypto.randomUUID().replaceAll("-", "")}`;
    answers.set(deviceToken, answer);
    expect(await lifeOf(type, deviceToken, sender)).toBe(outcome);
  });

  it("a connection that is refused", async () => {
    const gone = await serve(() => ({ status: 200 }));
    gone.close();
    const sender = senderAt(gone.port);
    expect(await lifeOf(type, crypto.randomUUID().replaceAll("-", ""), sender)).toBe("nothing");
    await sender.close();
  });
}

/** Registers a device, resolves its user, sends, and reports what came back: what became of that. */
async function lifeOf(type: AppInstanceUserEndpointType, deviceToken: string, sender: Sender): Promise<Outcome> {
  const rollcall = createRollcallClient({ baseUrl: server.url, credentials: LOCAL_CREDENTIALS });
  const user = { appInstanceUserArn: freshUserArn() };
  const device = { ...user, type, resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken } };
  const { endpointId } = await rollcall.registerAppInstanceUserEndpoint(device);
  const reports: Report<never>[] = [];
  for await (const resolution of resolveEndpoints(rollcall, [user.appInstanceUserArn])) {
    const [sentTo] = resolution.kind === "resolved" ? resolution.endpoints : [];
    if (sentTo === undefined) {
      throw new Error("the device is not resolved");
    }
    const push = { sentTo, sentAt: new Date(), answer: await sender.send(sentTo.deviceToken) };
    for await (const report of reportFailures(rollcall, [push])) {
      reports.push(report as Report<never>);
    }
  }
  expect(reports).toHaveLength(1);
  const [report] = reports;
  const { appInstanceUserEndpoint: after } = await rollcall.describeAppInstanceUserEndpoint({ ...user, endpointId });
  const outcome = report?.kind === "reported" ? (FailureEffect[report.effect] as Outcome) : "nothing";
  const isDead = after?.endpointState?.status === EndpointStatus.INACTIVE;
  expect([report?.kind, isDead]).toEqual([
    outcome === "nothing" ? "nothing_to_report" : "reported",
    outcome === "DEACTIVATED",
  ]);
  expect(after?.deviceTokenTimestamp && timestampDate(after.deviceTokenTimestamp).getTime()).toBeLessThanOrEqual(
    Date.now(),
  );
  return outcome;
}
