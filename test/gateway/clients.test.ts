import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type DescMessage, fromBinary, type JsonObject, type MessageShape } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { ErrorInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { BATCHES_PER_CALLER_DEFAULT } from "../../src/worker/model/limits.ts";
import { CALLERS, type Caller, type CallOptions, type Detail, type Outcome, type Refused } from "../support/callers.ts";
import { ORPHAN, ORPHAN_TOKEN } from "../support/client-story.ts";
import { gatewayTo } from "../support/gateway.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serve } from "../support/server.ts";
import { WRANGLER_CONFIG } from "../support/wrangler-config.ts";

const server = serve({ LOCAL_MODE: "true", PRINCIPAL_ORPHAN: JSON.stringify(ORPHAN) });
const slowServer = serve({ LOCAL_MODE: "true", OPERATION_RATE_PER_SECOND: "1", OPERATION_BURST: "1" });

/** What tests give to wrangler, with a rate of batches that is soon reached. */
const FEW_BATCHES = join(dirname(WRANGLER_CONFIG), "few-batches.toml");
const toml = readFileSync(WRANGLER_CONFIG, "utf8");
writeFileSync(FEW_BATCHES, toml.replaceAll(`limit = ${BATCHES_PER_CALLER_DEFAULT},`, "limit = 3,"));
const fewServer = serve({ LOCAL_MODE: "true" }, FEW_BATCHES);

const silent = createServer(() => {});
afterAll(() => silent.close());

const gateway = gatewayTo(() => server.url);
const slow = gatewayTo(() => slowServer.url);
const few = gatewayTo(() => fewServer.url);
const deserted = gatewayTo(() => "http://127.0.0.1:1");
const waiting = gatewayTo(async () => {
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  return `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
});

const SIGNATURE =
  "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/chime/aws4_request, SignedHeaders=host, Signature=0";

/** What every client is to be told. */
const EXPECTED: Record<string, string> = {
  Register: "ok, request id",
  "Register again, with the same request": "ok, first endpoint, request id",
  Describe: "ok, token-1, request id",
  Update: "ok, first endpoint, request id",
  List: "ok, renamed, request id",
  "List with a wrong token": "invalid_argument, NEXT_TOKEN_INVALID, request id",
  "Register a registered device": "already_exists, DEVICE_ALREADY_REGISTERED, first endpoint, request id",
  "Register with a used request token": "already_exists, REQUEST_TOKEN_REUSED, first endpoint, request id",
  Deregister: "ok, request id",
  "Register with the request token of an endpoint that is gone":
    "already_exists, ENDPOINT_DEREGISTERED, first endpoint, request id",
  "Describe what is not there": "not_found, ENDPOINT_NOT_FOUND, request id",
  "Update what is not there": "not_found, ENDPOINT_NOT_FOUND, request id",
  "Deregister what is not there": "ok, request id",
  "Register with broken constraints": "invalid_argument, CONSTRAINTS_VIOLATED, 7 violations, request id",
  "Register one too many": "failed_precondition, ENDPOINT_LIMIT_EXCEEDED, limit 10, request id",
  "Register with too large a name": "resource_exhausted, BODY_TOO_LARGE, request id, pushed back for good",
  "List too often": "resource_exhausted, OPERATION_RATE_EXCEEDED, retry after ms, request id, pushed back as long",
  "List without credentials": "unauthenticated, CREDENTIALS_MISSING, request id",
  "List with a wrong bearer token": "unauthenticated, TOKEN_REFUSED, request id",
  "List with a signature": "unauthenticated, SIGNATURE_NOT_FORWARDED, request id",
  "List another's": "permission_denied, NOT_AUTHORIZED, chime:ListAppInstanceUserEndpoints, request id",
  Resolve: "ok, 1 endpoint, request id",
  Report: "ok, first endpoint DEACTIVATED, request id",
  "Report again": "ok, first endpoint DEACTIVATED, request id",
  "Resolve what is INACTIVE": "ok, 0 endpoints, request id",
  "Resolve nobody": "invalid_argument, CONSTRAINTS_VIOLATED, 1 violations, request id",
  "Report with broken constraints": "invalid_argument, CONSTRAINTS_VIOLATED, 5 violations, request id",
  "Resolve without credentials": "unauthenticated, CREDENTIALS_MISSING, request id",
  "Resolve another's too": "permission_denied, NOT_AUTHORIZED, chime:ResolveAppInstanceUserEndpoints, request id",
  "Report another's too": "permission_denied, NOT_AUTHORIZED, chime:ReportAppInstanceUserEndpointFailures, request id",
  "Resolve with too many names": "resource_exhausted, BODY_TOO_LARGE, request id, pushed back for good",
  "Resolve one user too often": "ok, Throttled, request id",
  "Resolve whomever too often":
    "resource_exhausted, CALLER_RATE_EXCEEDED, retry after ms, request id, pushed back as long",
  "List when the token can't be checked":
    "unavailable, ISSUER_UNREACHABLE, retry after ms, request id, pushed back as long",
  "List when the server is gone": "unavailable, UPSTREAM_UNREACHABLE, retry after ms, request id, pushed back as long",
  "List when the server is silent, until a deadline": "deadline_exceeded",
};

/** The operations whose names are not just a verb before that of an endpoint. */
const RPCS: Record<string, string> = {
  List: "ListAppInstanceUserEndpoints",
  Resolve: "ResolveAppInstanceUserEndpoints",
  Report: "ReportAppInstanceUserEndpointFailures",
};

/** Tells an outcome in a line. Clients of Connect, which has no such thing, tell of push-back what they would be told. */
function tell(outcome: Outcome, names: Record<string, string>, isGrpc: boolean): string {
  const { code, metadata } = outcome;
  const told = "details" in outcome ? tellRefusal(outcome, names) : tellAnswer(outcome.response, names);
  const pushback = "details" in outcome ? pushbackOf(outcome) : undefined;
  if (isGrpc) {
    expect(metadata.get("grpc-retry-pushback-ms") ?? undefined).toBe(pushback);
  }
  // A deadline is found by client and gateway at the same time, and what is told of it depends on who is first.
  return code === "deadline_exceeded"
    ? code
    : [
        code,
        ...told,
        ...(metadata.has("x-amzn-requestid") ? ["request id"] : []),
        ...(pushback === undefined ? [] : [pushback === "-1" ? "pushed back for good" : "pushed back as long"]),
      ].join(", ");
}

function tellAnswer(response: JsonObject, names: Record<string, string>): string[] {
  const { endpointId, appInstanceUserEndpoint, appInstanceUserEndpoints, users, results, errors } = response as {
    users?: { endpoints?: unknown[] }[];
    results?: { endpointId: string; effect: string }[];
    errors?: { errorCode: string }[];
    endpointId?: string;
    appInstanceUserEndpoint?: { endpointAttributes: { deviceToken: string } };
    appInstanceUserEndpoints?: { name: string }[];
  };
  return [
    names[endpointId ?? ""],
    appInstanceUserEndpoint?.endpointAttributes.deviceToken,
    ...(appInstanceUserEndpoints ?? []).map(({ name }) => name),
    ...(users ?? []).map(({ endpoints = [] }) => `${endpoints.length} endpoint${endpoints.length === 1 ? "" : "s"}`),
    ...(results ?? []).map(({ endpointId, effect }) => `${names[endpointId]} ${effect.replace("FAILURE_EFFECT_", "")}`),
    ...(errors ?? []).map(({ errorCode }) => errorCode),
  ].filter((told) => told !== undefined);
}

function tellRefusal({ details }: Refused, names: Record<string, string>): string[] {
  const { reason, metadata } = detailOf(ErrorInfoSchema, details) ?? {};
  const delay = detailOf(RetryInfoSchema, details)?.retryDelay;
  const limit = detailOf(QuotaFailureSchema, details)?.violations[0]?.quotaValue;
  const broken = detailOf(ViolationsSchema, details)?.violations.length;
  return [
    reason,
    metadata?.endpoint_id && names[metadata.endpoint_id],
    metadata?.action,
    delay && durationMs(delay) > 0 ? "retry after ms" : undefined,
    limit && `limit ${limit}`,
    broken && `${broken} violations`,
  ].filter((told) => typeof told === "string");
}

function pushbackOf({ code, details }: Refused): string | undefined {
  const delay = detailOf(RetryInfoSchema, details)?.retryDelay;
  return delay ? String(durationMs(delay)) : code === "resource_exhausted" ? "-1" : undefined;
}

function detailOf<Desc extends DescMessage>(schema: Desc, details: readonly Detail[]): MessageShape<Desc> | undefined {
  const detail = details.find(({ type }) => type === schema.typeName);
  return detail && fromBinary(schema, detail.value);
}

function device(appInstanceUserArn: string, n: number, changes: JsonObject = {}): JsonObject {
  return {
    appInstanceUserArn,
    resourceArn: RESOURCE_ARN,
    type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
    endpointAttributes: { deviceToken: `token-${n}` },
    clientRequestToken: `request-${n}`,
    ...changes,
  };
}

/** Every operation and every kind of error, through one client. `quick` is another one, to set the scenes with. */
async function play(
  callerAt: (url: string) => Caller,
  quick: Caller,
  isGrpc: boolean,
): Promise<Record<string, string>> {
  const user = freshUserArn();
  const authorization = `Bearer ${await localToken(user.split("/").at(-1) ?? "")}`;
  const told: Record<string, string> = {};
  const names: Record<string, string> = {};
  const caller = callerAt(gateway.url);
  async function scene(name: string, operation: string, request: JsonObject, options: CallOptions = {}, by = caller) {
    const outcome = await by(RPCS[operation] ?? `${operation}AppInstanceUserEndpoint`, request, {
      authorization,
      ...options,
    });
    told[name] = tell(outcome, names, isGrpc);
    return outcome;
  }

  const first = await scene("Register", "Register", device(user, 1));
  const endpointId = "response" in first ? (first.response.endpointId as string) : "none";
  names[endpointId] = "first endpoint";
  const one = { appInstanceUserArn: user, endpointId };
  await scene("Register again, with the same request", "Register", device(user, 1));
  await scene("Describe", "Describe", one);
  await scene("Update", "Update", { ...one, name: "renamed" });
  await scene("List", "List", { appInstanceUserArn: user });
  await scene("List with a wrong token", "List", { appInstanceUserArn: user, nextToken: "wrong" });
  await scene("Register a registered device", "Register", device(user, 1, { clientRequestToken: "other" }));
  await scene("Register with a used request token", "Register", device(user, 2, { clientRequestToken: "request-1" }));
  const own = { appInstanceUserArns: [user] };
  const failure = { ...one, deviceToken: "token-1", reason: "Unregistered", timestamp: new Date().toISOString() };
  await scene("Resolve", "Resolve", own);
  await scene("Report", "Report", { failures: [failure] });
  await scene("Report again", "Report", { failures: [failure] });
  await scene("Resolve what is INACTIVE", "Resolve", own);
  await scene("Deregister", "Deregister", one);
  await scene("Register with the request token of an endpoint that is gone", "Register", device(user, 1));
  const missing = { appInstanceUserArn: user, endpointId: "nothing" };
  await scene("Describe what is not there", "Describe", missing);
  await scene("Update what is not there", "Update", missing);
  await scene("Deregister what is not there", "Deregister", missing);
  await scene("Register with broken constraints", "Register", {
    appInstanceUserArn: user,
    resourceArn: "nowhere",
    endpointAttributes: { deviceToken: "", voipDeviceToken: "v".repeat(1_601) },
    name: "n".repeat(1_601),
    clientRequestToken: "!",
  });
  await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      quick("RegisterAppInstanceUserEndpoint", device(user, n + 10), { authorization }),
    ),
  );
  await scene("Register one too many", "Register", device(user, 20));
  await scene("Register with too large a name", "Register", device(user, 21, { name: "n".repeat(140_000) }));

  const list = { appInstanceUserArn: user };
  await scene("List without credentials", "List", list, { authorization: undefined });
  await scene("List with a wrong bearer token", "List", list, { authorization: "Bearer of-nobody" });
  await scene("List with a signature", "List", list, { authorization: SIGNATURE });
  await scene("List another's", "List", { appInstanceUserArn: freshUserArn() });
  await scene("Resolve nobody", "Resolve", {});
  await scene("Report with broken constraints", "Report", { failures: [{}] });
  await scene("Resolve without credentials", "Resolve", own, { authorization: undefined });
  await scene("Resolve another's too", "Resolve", { appInstanceUserArns: [user, freshUserArn()] });
  await scene("Report another's too", "Report", {
    failures: [failure, { ...failure, appInstanceUserArn: freshUserArn() }],
  });
  await scene("Resolve with too many names", "Resolve", {
    appInstanceUserArns: Array.from({ length: 100 }, (_, n) => `${user}${"n".repeat(1_400)}${n}`),
  });
  await scene("List when the token can't be checked", "List", list, { authorization: `Bearer ${ORPHAN_TOKEN}` });
  // A client that starts a process for each call is slower than a bucket fills, so another one calls meanwhile.
  const calling = (url: string, operation: string, request: JsonObject) => () =>
    (CALLERS["connect-es gRPC"]?.(url) ?? expect.fail())(operation, request, { authorization });
  await meanwhile(calling(slow.url, "ListAppInstanceUserEndpoints", list), 200, async () => {
    for (let tries = 0; tries < 10 && !told["List too often"]?.startsWith("resource"); tries++) {
      await scene("List too often", "List", list, {}, callerAt(slow.url));
    }
  });
  await meanwhile(calling(slow.url, "ResolveAppInstanceUserEndpoints", own), 40, async () => {
    for (let tries = 0; tries < 20 && !told["Resolve one user too often"]?.includes("Throttled"); tries++) {
      await scene("Resolve one user too often", "Resolve", own, {}, callerAt(slow.url));
    }
  });
  await meanwhile(calling(few.url, "ResolveAppInstanceUserEndpoints", own), 200, async () => {
    for (let tries = 0; tries < 10 && !told["Resolve whomever too often"]?.startsWith("resource"); tries++) {
      await scene("Resolve whomever too often", "Resolve", own, {}, callerAt(few.url));
    }
  });
  await scene("List when the server is gone", "List", list, {}, callerAt(deserted.url));
  await scene(
    "List when the server is silent, until a deadline",
    "List",
    list,
    { timeoutMs: 500 },
    callerAt(waiting.url),
  );
  return told;
}

/** Does something while something else is done again and again. */
async function meanwhile(
  again: () => Promise<unknown>,
  everyMs: number,
  something: () => Promise<void>,
): Promise<void> {
  const calls: Promise<unknown>[] = [];
  const timer = setInterval(() => calls.push(again()), everyMs);
  try {
    await something();
  } finally {
    clearInterval(timer);
    await Promise.all(calls);
  }
}

const outcomes: Record<string, Record<string, string>> = {};

describe.each(Object.entries(CALLERS))("through the gateway, %s", (name, callerAt) => {
  let told: Record<string, string> = {};
  beforeAll(async () => {
    const quick = CALLERS["connect-es gRPC"]?.(gateway.url) ?? expect.fail();
    told = await play(callerAt, quick, name !== "connect-es Connect");
    outcomes[name] = told;
    // buf starts a process for each call.
  }, 180_000);

  it.each(Object.entries(EXPECTED))("%s: %s", (scene, expected) => {
    expect(told[scene]).toBe(expected);
  });
});

it("the gateway tells nothing of what callers sent", () => {
  const told = [gateway, slow, few, deserted, waiting].flatMap(({ lines }) => lines).join("\n");
  expect(told).toContain('"reason":"DEVICE_ALREADY_REGISTERED"');
  expect(told).not.toMatch(/token-1|Bearer|eyJ|AWS4|arn:|127\.0\.0\.1/);
  expect(told).not.toContain('"event":"bug"');
});

/** What each client was told, scene by scene: as run. */
afterAll(() => {
  const rows = Object.keys(EXPECTED).map((scene) => [
    scene,
    ...Object.keys(CALLERS).map((name) => outcomes[name]?.[scene] ?? "nothing"),
  ]);
  console.log([["through the gateway", ...Object.keys(CALLERS)], ...rows].map((row) => row.join(" | ")).join("\n"));
});
