import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, expectTypeOf, it } from "vitest";
import type {
  ConflictReason,
  RollcallFailure,
  ThrottledReason,
  UnauthenticatedReason,
  UnavailableReason,
} from "../../src/client/index.ts";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import {
  RegisterAppInstanceUserEndpointRequestSchema as Register,
  ReportAppInstanceUserEndpointFailuresRequestSchema as Report,
} from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { Failure } from "../../src/worker/model/failure.ts";
import { violated } from "../../src/worker/transport/messages/constraints.ts";
import { type Answer, REQUEST_ID, refusalOf, scriptedServer } from "../support/scripted-server.ts";

function refused(answer: Answer) {
  return refusalOf(scriptedServer(answer).client({ maxAttempts: 1 }).registerAppInstanceUserEndpoint({}));
}

/** An answer as React Native's fetch gives it. */
function withoutStreams(bytes: Uint8Array<ArrayBuffer>): Response {
  const response = new Response(bytes, { headers: { "content-type": "application/proto" } });
  return Object.defineProperty(response, "body", { value: undefined });
}

/** The answer to a request that lacks what is required, and has a name that is too long. */
function brokenConstraints(): Failure {
  const request = create(Register, { endpointAttributes: { deviceToken: "" }, name: "n".repeat(1_601) });
  return violated(Register, request, Date.now()) ?? expect.fail("it is valid");
}

describe("an error tells", () => {
  it.each<[Failure, RollcallFailure]>([
    [
      { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: "e-1" },
      { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: "e-1" },
    ],
    [
      { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: 10 },
      { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: 10 },
    ],
    [
      { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs: 1_250 },
      { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs: 1_250 },
    ],
    [
      { kind: "unavailable", reason: "USER_OVERLOADED", retryAfterMs: 300 },
      { kind: "unavailable", reason: "USER_OVERLOADED", retryAfterMs: 300 },
    ],
    [
      { kind: "forbidden", reason: "NOT_AUTHORIZED", action: "chime:RegisterAppInstanceUserEndpoint", on: "a user" },
      { kind: "forbidden", reason: "NOT_AUTHORIZED", action: "chime:RegisterAppInstanceUserEndpoint" },
    ],
    [
      { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
      { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
    ],
    [
      { kind: "unauthenticated", reason: "CREDENTIALS_MISSING" },
      { kind: "unauthenticated", reason: "CREDENTIALS_MISSING" },
    ],
    [
      { kind: "signature", reason: "SESSION_EXPIRED" },
      { kind: "unauthenticated", reason: "SESSION_EXPIRED" },
    ],
    [
      { kind: "invalid", reason: "UNREADABLE_REQUEST", at: "name", expected: "a string" },
      { kind: "invalid", reason: "UNREADABLE_REQUEST", violations: [] },
    ],
    [
      { kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: 131_072 },
      { kind: "too_large", reason: "BODY_TOO_LARGE" },
    ],
    [
      { kind: "unknown_operation", reason: "UNKNOWN_OPERATION", path: "/v1" },
      { kind: "unimplemented", reason: "UNKNOWN_OPERATION" },
    ],
    [
      { kind: "internal", reason: "INTERNAL" },
      { kind: "internal", reason: "INTERNAL" },
    ],
    [{ kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" }, { kind: "deadline_exceeded" }],
  ])("$kind, with its evidence", async (refusal, failure) => {
    const error = await refused(refusal);
    expect(error.failure).toEqual(failure);
    expect(error).toMatchObject({ name: "RollcallError", requestId: REQUEST_ID, cause: expect.any(ConnectError) });
    expect(error.message).not.toBe("");
  });

  it("every constraint that is broken, with the member as TypeScript spells it", async () => {
    const { failure } = await refused(brokenConstraints());
    expect(failure).toMatchObject({ kind: "invalid", reason: "CONSTRAINTS_VIOLATED" });
    expect((failure.kind === "invalid" ? failure.violations : []).map(({ field, ruleId }) => [field, ruleId])).toEqual([
      ["appInstanceUserArn", "required"],
      ["name", "string.max_len"],
      ["type", "required"],
      ["resourceArn", "required"],
      ["endpointAttributes.deviceToken", "required"],
      ["clientRequestToken", "required"],
    ]);
  });

  it("which item of a list breaks a constraint", async () => {
    const reported = {
      appInstanceUserArn: "arn:a::::b",
      endpointId: "e",
      deviceToken: "d",
      reason: "r",
      timestamp: {},
    };
    const request = create(Report, { failures: [reported, { ...reported, reason: "" }] });
    const { failure } = await refused(violated(Report, request, Date.now()) ?? expect.fail("it is valid"));
    expect(failure).toMatchObject({ violations: [{ field: "failures[1].reason", ruleId: "required" }] });
  });

  it("a kind for reasons that are newer than it", async () => {
    const value = { reason: "NEWER", domain: "rollcall", metadata: { endpoint_id: "e-1" } };
    const newer = new ConnectError("no", Code.AlreadyExists, {}, [{ desc: ErrorInfoSchema, value }]);
    expect((await refused(newer)).failure).toEqual({ kind: "conflict", reason: "NEWER", endpointId: "e-1" });
  });

  it.each<[number, RollcallFailure]>([
    [302, { kind: "unknown", reason: undefined }],
    [401, { kind: "unauthenticated", reason: undefined }],
    [403, { kind: "forbidden", reason: undefined, action: undefined }],
    [404, { kind: "unimplemented", reason: undefined }],
    [409, { kind: "unknown", reason: undefined }],
    [429, { kind: "unavailable", reason: undefined, retryAfterMs: undefined }],
    [500, { kind: "unknown", reason: undefined }],
    [502, { kind: "unavailable", reason: undefined, retryAfterMs: undefined }],
    [204, { kind: "unknown", reason: undefined }],
  ])("what the status %i of a proxy comes to", async (status, failure) => {
    const headers = { "content-type": "text/html" };
    expect((await refused(new Response(status === 204 ? null : "<h1>", { status, headers }))).failure).toEqual(failure);
  });

  it.each([
    ["an error that is no JSON", new Response("{", { status: 409, headers: { "content-type": "application/json" } })],
    ["an error without details", Response.json({ code: "already_exists", message: "no" }, { status: 409 })],
    ["an answer that is no message", new Response("\xff", { headers: { "content-type": "application/proto" } })],
    ["a web page", new Response("<h1>", { headers: { "content-type": "text/html" } })],
  ])("unknown for %s", async (_, answer) => {
    expect((await refused(answer)).failure).toEqual({ kind: "unknown", reason: undefined });
  });

  it("unknown for an answer without end, of which it reads a little and asks for no more", async () => {
    let [sent, isCancelled] = [0, false];
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const server = scriptedServer(new Response(body, { headers: { "content-type": "application/proto" } }));
    const error = await refusalOf(server.client().registerAppInstanceUserEndpoint({}));
    expect(error.failure).toEqual({ kind: "unknown", reason: undefined });
    expect([isCancelled, server.asked.length]).toEqual([true, 1]);
    expect(sent).toBeLessThan(2_000_000);
  });

  it("unknown for an answer without streams that is too large", async () => {
    const answer = withoutStreams(new Uint8Array(1_024 * 1_024 + 1));
    expect((await refused(answer)).failure).toEqual({ kind: "unknown", reason: undefined });
  });

  it("network where the connection is lost, with the host, and what fetch threw as its cause", async () => {
    const error = await refused("lost");
    expect(error.failure).toEqual({ kind: "network" });
    expect(error.message).toBe("No answer came from rollcall.example.com, or not all of it.");
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.requestId).toBeUndefined();
  });

  it("network where the connection is lost in the middle of an answer", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(1));
        controller.error(new TypeError("terminated"));
      },
    });
    const answer = new Response(body, { headers: { "content-type": "application/proto" } });
    expect((await refused(answer)).failure).toEqual({ kind: "network" });
  });
});

it.each(["", "localhost:8787", "/rollcall", "ftp://localhost"])("a base URL that is none is refused: %j", (baseUrl) => {
  expect(() => scriptedServer().client({ baseUrl })).toThrow("baseUrl must be an absolute URL");
});

it.each(["https://user:secret@host", "https://secret@host", "https://:secret@host", "https://user:secret@host:99999"])(
  "a base URL with who calls in it is refused, and not repeated: %s",
  (baseUrl) => {
    expect(() => scriptedServer().client({ baseUrl })).toThrow(/^baseUrl must (?!.*secret)/);
  },
);

/** The reasons that the server gives with failures of a kind. */
type Given<Kind extends Failure["kind"]> = Extract<Failure, { kind: Kind }>["reason"];

it("the reasons that the package lists are those of the server and of the gateway", () => {
  expectTypeOf<ConflictReason>().toEqualTypeOf<Given<"conflict">>();
  expectTypeOf<ThrottledReason>().toEqualTypeOf<Given<"throttled">>();
  expectTypeOf<UnavailableReason>().toEqualTypeOf<Given<"unavailable"> | "UPSTREAM_UNREACHABLE">();
  // Not the one of GET /credentials, which the package does not ask.
  expectTypeOf<UnauthenticatedReason>().toEqualTypeOf<
    Exclude<Given<"unauthenticated">, "TOKEN_REQUIRED"> | Given<"signature"> | "SIGNATURE_NOT_FORWARDED"
  >();
});
