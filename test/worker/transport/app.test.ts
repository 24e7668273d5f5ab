import { tracing } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Failure } from "../../../src/worker/model/failure.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import { countIn } from "../../../src/worker/transport/reporting/analytics-engine.ts";
import { ask } from "../../support/ask.ts";
import { bearerOf, localService } from "../../support/credentials.ts";
import { asked, awsRegistration, USER_ARN } from "../../support/requests.ts";
import { runtimeError, usersThat } from "../../support/users.ts";

const OK = { kind: "ok", response: { appInstanceUserArn: "arn", endpointId: "id" } };
const SECRETS = /device-1|alice|request-1|arn:aws/;

function appWith(answer: (request: unknown) => unknown, writeDataPoint = vi.fn()) {
  const { users, calls } = usersThat(answer);
  const service = {
    ...localService(),
    users,
  };
  return { app: createApp(service, countIn({ writeDataPoint })), calls, writeDataPoint };
}

async function overRest(app: ReturnType<typeof createApp>) {
  const { AppInstanceUserArn, ...body } = awsRegistration();
  return ask(app, `/app-instance-users/${encodeURIComponent(AppInstanceUserArn)}/endpoints`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(await bearerOf(AppInstanceUserArn)) },
    body: JSON.stringify(body),
  });
}

async function overConnect(app: ReturnType<typeof createApp>, headers: Record<string, string> = {}) {
  const body = { appInstanceUserArn: USER_ARN, ...asked(), type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM" };
  return ask(app, "/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint", {
    method: "POST",
    headers: { "content-type": "application/json", ...(await bearerOf(body.appInstanceUserArn)), ...headers },
    body: JSON.stringify(body),
  });
}

function spyOnLogs() {
  const lines: string[] = [];
  for (const level of ["log", "error", "warn", "info"] as const) {
    vi.spyOn(console, level).mockImplementation((...told) => void lines.push(told.map(String).join(" ")));
  }
  return lines;
}

afterEach(() => vi.restoreAllMocks());

describe("between the Worker and a user's object", () => {
  it.each([
    ["overloaded", { overloaded: true, retryable: true }, 1, "USER_OVERLOADED"],
    ["retryable", { retryable: true }, 3, "USER_UNREACHABLE"],
    ["reset by a deploy", { durableObjectReset: true }, 1, "USER_UNREACHABLE"],
  ])("%s: callers are asked to come back, on both wires", async (_, marks, attempts, reason) => {
    spyOnLogs();
    const { app, calls } = appWith(() => {
      throw runtimeError(marks);
    });
    const rest = await overRest(app);
    expect(calls()).toBe(attempts);
    expect({ status: rest.status, type: rest.headers.get("x-amzn-errortype") }).toEqual({
      status: 503,
      type: "ServiceUnavailableException",
    });
    expect(rest.headers.get("retry-after")).toBe("1");
    expect(rest.headers.get("x-amz-retry-after")).toBe("1000");
    expect(await rest.json()).toMatchObject({ Code: "ServiceUnavailable" });

    const connect = await overConnect(app);
    expect(connect.status).toBe(503);
    expect(connect.headers.get("retry-after")).toBe("1");
    expect(await connect.json()).toMatchObject({
      code: "unavailable",
      details: [{ debug: { reason } }, { type: "google.rpc.RetryInfo", debug: { retryDelay: "1s" } }],
    });
  });

  it("a call whose answer was lost is made again, and the retry is told in the log", async () => {
    const logs = spyOnLogs();
    let failures = 1;
    const { app } = appWith(() => {
      if (failures-- > 0) {
        throw runtimeError({ retryable: true });
      }
      return OK;
    });
    expect((await overRest(app)).status).toBe(201);
    expect(JSON.parse(logs[0] ?? "")).toMatchObject({ kind: "ok", retries: 1 });
  });

  it.each([
    [
      "does not have the method",
      () => {
        throw new TypeError('The RPC receiver does not implement the method "x".');
      },
    ],
    ["answers a kind that is unknown", () => ({ kind: "from the future" })],
    ["answers nothing", () => undefined],
  ])("an object of a neighbouring version that %s is unavailable, not broken", async (_, answer) => {
    spyOnLogs();
    const { app } = appWith(answer);
    expect(await (await overConnect(app)).json()).toMatchObject({
      code: "unavailable",
      details: [{ debug: { reason: "VERSION_MISMATCH" } }, {}],
    });
  });
});

describe("a bug", () => {
  it("is answered with nothing in it, and logged whole under the request id", async () => {
    const logs = spyOnLogs();
    const { app } = appWith(() => {
      throw new Error("the bug's own words");
    });
    for (const call of [overRest, overConnect]) {
      const response = await call(app);
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).not.toContain("the bug's own words");
      const bug = JSON.parse(logs.splice(0).find((line) => line.includes('"bug"')) ?? "");
      expect(bug).toMatchObject({
        requestId: response.headers.get("x-amzn-requestid"),
        operation: "RegisterAppInstanceUserEndpoint",
        error: expect.stringContaining("the bug's own words"),
      });
    }
  });
});

describe("the log", () => {
  it("has one line for a request, with nothing in it that the caller sent", async () => {
    const logs = spyOnLogs();
    const { app, writeDataPoint } = appWith(() => ({ ...OK, replayed: true }));
    const response = await overRest(app);
    await overConnect(app);

    expect(logs).toHaveLength(2);
    expect(logs.join()).not.toMatch(SECRETS);
    expect(JSON.parse(logs[0] ?? "")).toEqual({
      event: "request",
      requestId: response.headers.get("x-amzn-requestid"),
      operation: "RegisterAppInstanceUserEndpoint",
      wire: "rest",
      kind: "ok",
      reason: "none",
      status: 201,
      ms: expect.any(Number),
      replayed: true,
      adopted: false,
      moved: 0,
      principal: "LOCAL_TOKENS",
      retries: 0,
    });
    expect(writeDataPoint).toHaveBeenCalledTimes(2);
    expect(writeDataPoint.mock.calls[1]?.[0]).toMatchObject({
      indexes: ["RegisterAppInstanceUserEndpoint"],
      blobs: ["connect", "ok", "none", "200", "true", "LOCAL_TOKENS", "false"],
    });
  });

  it("has the id of the request in its trace, where the URL would stand", async () => {
    spyOnLogs();
    const setAttributes = vi.fn();
    vi.spyOn(tracing, "getActiveSpan").mockReturnValue({ isTraced: true, setAttributes } as unknown as Span);
    const response = await overRest(appWith(() => OK).app);
    expect(setAttributes).toHaveBeenCalledExactlyOnceWith({
      "url.full": "hidden",
      "url.path": "hidden",
      "url.query": "hidden",
      "rollcall.request_id": response.headers.get("x-amzn-requestid"),
    });
  });

  it("says nothing to a trace that is not kept", async () => {
    spyOnLogs();
    const setAttributes = vi.fn();
    vi.spyOn(tracing, "getActiveSpan").mockReturnValue({ isTraced: false, setAttributes } as unknown as Span);
    await overRest(appWith(() => OK).app);
    expect(setAttributes).not.toHaveBeenCalled();
  });

  it.each([
    ["GET", "/health", "none", "none", "ok", "none"],
    ["GET", "/nowhere", "none", "none", "unknown_operation", "UNKNOWN_OPERATION"],
    ["PATCH", "/app-instance-users/a/endpoints", "none", "rest", "wrong_method", "METHOD_NOT_ALLOWED"],
    [
      "GET",
      "/app-instance-users/a/endpoints",
      "ListAppInstanceUserEndpoints",
      "rest",
      "unauthenticated",
      "CREDENTIALS_MISSING",
    ],
    [
      "POST",
      "/rollcall.v1.AppInstanceUserEndpointService/Nothing",
      "none",
      "connect",
      "unknown_operation",
      "UNKNOWN_OPERATION",
    ],
    [
      "PUT",
      "/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint",
      "RegisterAppInstanceUserEndpoint",
      "connect",
      "wrong_method",
      "METHOD_NOT_ALLOWED",
    ],
  ])("tells of %s %s", async (method, path, operation, wire, kind, reason) => {
    const logs = spyOnLogs();
    await ask(appWith(() => OK).app, path, { method });
    expect(JSON.parse(logs[0] ?? "")).toMatchObject({ operation, wire, kind, reason });
  });
});

describe("credentials that were good once", () => {
  it.each<[Failure, number, string, string]>([
    [{ kind: "signature", reason: "SESSION_EXPIRED" }, 403, "ExpiredTokenException", "unauthenticated"],
    [
      { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: 30_000 },
      503,
      "ServiceUnavailableException",
      "unavailable",
    ],
  ])("are refused with %o", async (failure, status, type, code) => {
    spyOnLogs();
    const { users, calls } = usersThat(() => OK);
    const app = createApp({ ...localService(), authenticate: async () => failure, users });
    const rest = await overRest(app);
    expect([rest.status, rest.headers.get("x-amzn-errortype")]).toEqual([status, type]);
    const { code: told, details } = (await (await overConnect(app)).json()) as {
      code: string;
      details: { debug: object }[];
    };
    expect([told, details[0]?.debug]).toEqual([code, { reason: failure.reason, domain: "rollcall" }]);
    expect(calls()).toBe(0);
  });
});

describe("a deadline", () => {
  it("that has passed is told before the object is called", async () => {
    spyOnLogs();
    const { app, calls } = appWith(() => OK);
    const response = await overConnect(app, { "connect-timeout-ms": "0" });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({
      code: "deadline_exceeded",
      details: [{ debug: { reason: "DEADLINE_EXCEEDED" } }],
    });
    expect(calls()).toBe(0);
  });
});

describe("GET /health", () => {
  it("tells the version, and wakes nothing", async () => {
    spyOnLogs();
    const { app, calls } = appWith(() => OK);
    const response = await ask(app, "/health");
    expect(await response.json()).toEqual({ status: "ok", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(calls()).toBe(0);
  });

  it("is the only way to ask: other methods are told so", async () => {
    spyOnLogs();
    const { app } = appWith(() => OK);
    const response = await ask(app, "/health", { method: "POST" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  });
});
