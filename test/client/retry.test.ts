import type { CallOptions } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppInstanceUserEndpointType, type RollcallClientOptions } from "../../src/client/index.ts";
import type { Failure } from "../../src/worker/model/failure.ts";
import { RESOURCE_ARN, USER_ARN } from "../support/requests.ts";
import {
  type Answer,
  REGISTERED_ID,
  refusalOf,
  type ScriptedServer,
  scriptedServer,
} from "../support/scripted-server.ts";

const REQUEST = {
  appInstanceUserArn: USER_ARN,
  resourceArn: RESOURCE_ARN,
  type: AppInstanceUserEndpointType.GCM,
  endpointAttributes: { deviceToken: "device-1" },
};

const THROTTLED: Failure = { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 700 };
const UNAVAILABLE: Failure = { kind: "unavailable", reason: "USER_UNREACHABLE", retryAfterMs: 1_000 };
const TOO_LATE: Failure = { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" };

beforeEach(() => {
  vi.useFakeTimers();
  chance(0);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What the jitter of a pause is drawn as, from 0 to 1. */
function chance(drawn: number): void {
  vi.spyOn(Math, "random").mockReturnValue(drawn);
}

/** Lets a call take all the time that it wants. */
async function run<T>(call: Promise<T>): Promise<T> {
  call.catch(() => {});
  await vi.runAllTimersAsync();
  return call;
}

function register(server: ScriptedServer, options?: Partial<RollcallClientOptions>, callOptions?: CallOptions) {
  return run(server.client(options).registerAppInstanceUserEndpoint(REQUEST, callOptions));
}

/** How long it waited before each attempt but the first, in milliseconds. */
function pauses({ asked }: ScriptedServer): number[] {
  return asked.slice(1).map(({ at }, index) => Math.round(at - (asked[index]?.at ?? 0)));
}

describe("a call is attempted again", () => {
  it.each<[string, Answer]>([
    ["the server is unavailable", UNAVAILABLE],
    ["the server throttles it and says for how long", THROTTLED],
    ["the deadline of an attempt passed", TOO_LATE],
    ["the connection is lost", "lost"],
    ["a proxy says 503", new Response("<h1>busy</h1>", { status: 503, headers: { "content-type": "text/html" } })],
  ])("when %s", async (_, answer) => {
    const server = scriptedServer(answer, "ok");
    expect((await register(server)).endpointId).toBe(REGISTERED_ID);
    expect(server.asked).toHaveLength(2);
  });

  it("with the request token that the first attempt had", async () => {
    const server = scriptedServer("lost", UNAVAILABLE, THROTTLED, "ok");
    await register(server);
    const tokens = server.asked.map(({ message }) => message.clientRequestToken);
    expect(tokens).toHaveLength(4);
    expect(tokens[0]).toMatch(/^[-_a-zA-Z0-9]{2,64}$/);
    expect(new Set(tokens).size).toBe(1);
  });

  it("with a request token where the platform has no crypto, as React Native", async () => {
    vi.stubGlobal("crypto", undefined);
    chance(0.123456789);
    const server = scriptedServer("lost", "ok");
    await register(server);
    vi.unstubAllGlobals();
    const tokens = server.asked.map(({ message }) => message.clientRequestToken);
    expect(tokens[0]).toMatch(/^[-_a-zA-Z0-9]{32,64}$/);
    expect(new Set(tokens).size).toBe(1);
  });

  it("with a request token where the caller's is empty", async () => {
    const server = scriptedServer(UNAVAILABLE, "ok");
    await run(server.client().registerAppInstanceUserEndpoint({ ...REQUEST, clientRequestToken: "" }));
    const [first, second] = server.asked.map(({ message }) => message.clientRequestToken);
    expect(first).toMatch(/^.{2,64}$/);
    expect(second).toBe(first);
  });

  it("with the caller's own request token, where there is one", async () => {
    const server = scriptedServer(UNAVAILABLE, "ok");
    await run(server.client().registerAppInstanceUserEndpoint({ ...REQUEST, clientRequestToken: "own-token" }));
    expect(server.asked.map(({ message }) => message.clientRequestToken)).toEqual(["own-token", "own-token"]);
  });

  it("four times in all, and then it is refused as the last attempt was", async () => {
    const server = scriptedServer(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, THROTTLED);
    expect((await refusalOf(register(server))).failure).toMatchObject({ kind: "throttled", retryAfterMs: 700 });
    expect(server.asked).toHaveLength(4);
  });

  it("as often as the client was made for", async () => {
    const server = scriptedServer(UNAVAILABLE);
    await refusalOf(register(server, { maxAttempts: 2 }));
    expect(server.asked).toHaveLength(2);
  });
});

describe("a call is not attempted again", () => {
  it.each<[string, Answer]>([
    [
      "its exhaustion of a resource names no time to wait",
      { kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: 1 },
    ],
    ["it is invalid", { kind: "invalid", reason: "NEXT_TOKEN_INVALID" }],
    ["its credentials are refused", { kind: "unauthenticated", reason: "TOKEN_REFUSED", fault: "UNKNOWN_ISSUER" }],
    ["it is forbidden", { kind: "forbidden", reason: "NOT_AUTHORIZED", action: "chime:X", on: "a user" }],
    ["there is no such endpoint", { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" }],
    ["it conflicts", { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: "e" }],
    ["the limit is reached", { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: 10 }],
    ["the server has a bug", { kind: "internal", reason: "INTERNAL" }],
    ["there is no such operation", { kind: "unknown_operation", reason: "UNKNOWN_OPERATION", path: "/v1" }],
    ["what answers is no Rollcall server", new Response("hello", { headers: { "content-type": "text/plain" } })],
  ])("when %s", async (_, answer) => {
    const server = scriptedServer(answer, "ok");
    await refusalOf(register(server));
    expect(server.asked).toHaveLength(1);
  });

  it("by a client that was made for one attempt", async () => {
    const server = scriptedServer(UNAVAILABLE, "ok");
    await refusalOf(register(server, { maxAttempts: 1 }));
    expect(server.asked).toHaveLength(1);
  });
});

describe("the pause before another attempt", () => {
  it("is what the server asks for, and a little more by chance", async () => {
    for (const [drawn, pause] of [
      [0, [700, 1_000]],
      [0.5, [800, 1_200]],
    ] as const) {
      chance(drawn);
      const server = scriptedServer(THROTTLED, UNAVAILABLE, "ok");
      await register(server);
      expect(pauses(server)).toEqual(pause);
    }
  });

  it("is drawn from twice as much each time where the server asks for none", async () => {
    chance(0.5);
    const server = scriptedServer("lost", "lost", "lost", "ok");
    await register(server);
    expect(pauses(server)).toEqual([100, 200, 400]);
  });

  it("is drawn from no more than five seconds", async () => {
    chance(1);
    const server = scriptedServer("lost");
    await refusalOf(register(server, { maxAttempts: 8 }));
    expect(pauses(server)).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });
});

describe("the time for a call", () => {
  it("is thirty seconds for all its attempts", async () => {
    chance(1);
    const server = scriptedServer("silence");
    const began = performance.now();
    expect((await refusalOf(register(server))).failure).toEqual({ kind: "deadline_exceeded" });
    expect(performance.now() - began).toBe(30_000);
    expect(server.asked.map(({ headers }) => headers.get("connect-timeout-ms"))).toEqual(["10000", "10000", "9400"]);
  });

  it("is what the call says, in whole milliseconds on the wire", async () => {
    const server = scriptedServer("silence");
    const began = performance.now();
    await refusalOf(register(server, {}, { timeoutMs: 1_500.5 }));
    expect(server.asked.map(({ headers }) => headers.get("connect-timeout-ms"))).toEqual(["1501"]);
    expect(Math.floor(performance.now() - began)).toBe(1_501);
  });

  it("is what the client was made with", async () => {
    const server = scriptedServer("silence");
    await refusalOf(register(server, { defaultTimeoutMs: 2_000 }));
    expect(server.asked.map(({ headers }) => headers.get("connect-timeout-ms"))).toEqual(["2000"]);
  });

  it("has no end where the call says 0, and its attempts have theirs", async () => {
    const server = scriptedServer("silence", "silence", "silence", "ok");
    await register(server, {}, { timeoutMs: 0 });
    expect(server.asked.map(({ headers }) => headers.get("connect-timeout-ms"))).toEqual(Array(4).fill("10000"));
  });

  it("is not waited out where the server asks for more: the call is refused at once, with what it asks", async () => {
    const server = scriptedServer({ kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: 3_600_000 });
    const began = performance.now();
    expect((await refusalOf(register(server))).failure).toMatchObject({ kind: "throttled", retryAfterMs: 3_600_000 });
    expect(performance.now()).toBe(began);
  });

  it("bounds the wait for credentials as well", async () => {
    const server = scriptedServer("ok");
    const credentials = () => new Promise<string>(() => {});
    expect((await refusalOf(register(server, { credentials }))).failure).toEqual({ kind: "deadline_exceeded" });
    expect(server.asked).toEqual([]);
  });
});

describe("a signal", () => {
  it("that has aborted sends nothing, and asks for no credentials", async () => {
    const server = scriptedServer("ok");
    const credentials = vi.fn(() => "a-token");
    const refused = await refusalOf(register(server, { credentials }, { signal: AbortSignal.abort() }));
    expect(refused.failure).toEqual({ kind: "canceled" });
    expect(server.asked).toEqual([]);
    expect(credentials).not.toHaveBeenCalled();
  });

  it("ends an attempt", async () => {
    const server = scriptedServer("silence");
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const began = performance.now();
    const refused = await refusalOf(register(server, {}, { signal: controller.signal }));
    expect(refused.failure).toEqual({ kind: "canceled" });
    expect(performance.now() - began).toBe(300);
    expect(server.asked).toHaveLength(1);
  });

  it("ends a pause, and nothing is sent after it", async () => {
    const server = scriptedServer(UNAVAILABLE, "ok");
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const began = performance.now();
    const refused = await refusalOf(register(server, {}, { signal: controller.signal }));
    expect(refused.failure).toEqual({ kind: "canceled" });
    expect(performance.now() - began).toBe(300);
    expect(server.asked).toHaveLength(1);
  });
});
