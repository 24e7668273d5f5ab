import type { IncomingMessage, ServerResponse } from "node:http";
import { create, toBinary } from "@bufbuild/protobuf";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import * as grpc from "@grpc/grpc-js";
import { beforeEach, describe, expect, it } from "vitest";
import { connectError } from "../../src/gateway/errors.ts";
import { crossing } from "../../src/gateway/metadata.ts";
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { Failure } from "../../src/worker/model/failure.ts";
import { BATCH_ANSWER_MAX_BYTES, BODY_MAX_BYTES } from "../../src/worker/model/limits.ts";
import { CALLERS, grpcJs, grpcJsClient } from "../support/callers.ts";
import { httpUpstream, LISTED } from "../support/fake-upstream.ts";
import { gatewayTo } from "../support/gateway.ts";
import { freshUserArn } from "../support/requests.ts";

const LIST = "ListAppInstanceUserEndpoints";
const PATH = `/rollcall.v1.AppInstanceUserEndpointService/${LIST}`;
const PROTO = { "content-type": "application/proto" };

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: IncomingMessage | undefined;
beforeEach(() => {
  asked = undefined;
  answer = (_, response) => response.writeHead(200, PROTO).end(LISTED);
});

const gateway = gatewayTo(() =>
  httpUpstream((request, response) => {
    asked = request;
    request.resume();
    answer(request, response);
  }),
);

const request = { appInstanceUserArn: freshUserArn() };

/** A List by grpc-js with metadata of its own; answers the headers of success. */
function listWith(sent: Record<string, string | Buffer>): Promise<grpc.Metadata> {
  const client = grpcJsClient(gateway.url) as unknown as Record<string, (...args: unknown[]) => grpc.ClientUnaryCall>;
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(sent)) {
    metadata.set(name, value);
  }
  return new Promise((resolve, reject) => {
    const call = client[LIST]?.(request, metadata, (error: Error | null) => error && reject(error));
    call?.on("metadata", resolve);
  });
}

describe("metadata", () => {
  it("reaches the server, but for what belongs to the caller's own connection", async () => {
    await listWith({ authorization: "Bearer a-token", "x-trace": "1", "key-bin": Buffer.from([0, 255]) });
    expect(asked?.headers).toMatchObject({ authorization: "Bearer a-token", "x-trace": "1", "key-bin": "AP8=" });
    expect(asked?.headers["user-agent"]).toContain("grpc-node-js");
    const connections = ["te", "grpc-accept-encoding", "grpc-timeout", "content-encoding"];
    expect(connections.filter((name) => asked?.headers[name] !== undefined)).toEqual([]);
  });

  it("that Connection names stays there, each of it", () => {
    const headers = { connection: "close, X-Hop,x-other", "x-hop": "1", "x-other": "2", "x-trace": "3" };
    expect(Array.from(crossing(new Headers(headers)))).toEqual([["x-trace", "3"]]);
  });

  it("tells the server which web page sent a call, so that it can refuse it", async () => {
    await listWith({ origin: "https://evil.example" });
    expect(asked?.headers.origin).toBe("https://evil.example");
  });

  it("of an answer reaches the caller", async () => {
    answer = (_, response) => {
      response
        .writeHead(200, { ...PROTO, "x-amzn-requestid": "request-1", "x-more": "2", "key-bin": "AP8=" })
        .end(LISTED);
    };
    const answered = (await listWith({})).getMap();
    expect(answered).toMatchObject({
      "x-amzn-requestid": "request-1",
      "x-more": "2",
      "key-bin": Buffer.from([0, 255]),
    });
  });
});

describe("an answer", () => {
  it("reaches the caller when it is as long as any", async () => {
    const nextToken = "x".repeat(BATCH_ANSWER_MAX_BYTES + 2 * BODY_MAX_BYTES);
    const { output } = AppInstanceUserEndpointService.method.listAppInstanceUserEndpoints;
    answer = (_, response) => response.writeHead(200, PROTO).end(toBinary(output, create(output, { nextToken })));
    const outcome = await grpcJs(gateway.url)(LIST, request);
    const length = "response" in outcome ? String(outcome.response.nextToken).length : undefined;
    expect([outcome.code, length]).toEqual(["ok", nextToken.length]);
  });
});

describe("a deadline", () => {
  it("is passed on as the time that is left", async () => {
    await grpcJs(gateway.url)(LIST, request, { timeoutMs: 5_000 });
    const left = Number(asked?.headers["connect-timeout-ms"]);
    expect(left).toBeGreaterThan(3_000);
    expect(left).toBeLessThanOrEqual(5_000);
  });

  it("that the caller does not set is none of the server's", async () => {
    expect(await grpcJs(gateway.url)(LIST, request)).toMatchObject({ code: "ok" });
    expect(asked?.headers).not.toHaveProperty("connect-timeout-ms");
  });

  it("that lies a century ahead is as good as none", async () => {
    expect(await grpcJs(gateway.url)(LIST, request, { timeoutMs: 3_000_000_000_000 })).toMatchObject({ code: "ok" });
    expect(Number(asked?.headers["connect-timeout-ms"])).toBeLessThanOrEqual(60_000);
  });

  it("that passes is told by the gateway as well, with its reason", async () => {
    answer = () => {};
    const told = await fetch(gateway.url + PATH, {
      method: "POST",
      headers: { "content-type": "application/json", "connect-timeout-ms": "200" },
      body: "{}",
    });
    expect(told.status).toBe(504);
    const body = (await told.json()) as { code: string; message: string; details: { debug: { reason: string } }[] };
    expect([body.code, body.details[0]?.debug.reason]).toEqual(["deadline_exceeded", "DEADLINE_EXCEEDED"]);
    // The server had the call.
    expect(body.message).toContain("may have been made all the same");
  });

  it("that passes ends the call to the server", async () => {
    const closed = new Promise((resolve) => {
      answer = (_, response) => response.on("close", resolve);
    });
    expect(await grpcJs(gateway.url)(LIST, request, { timeoutMs: 200 })).toMatchObject({ code: "deadline_exceeded" });
    await closed;
  });
});

it.each(["grpc-js", "connect-es gRPC", "connect-es gRPC-Web", "connect-es Connect"])(
  "a call that %s cancels ends the call to the server",
  async (name) => {
    const cancel = new AbortController();
    const closed = new Promise((resolve) => {
      answer = (_, response) => {
        response.on("close", resolve);
        cancel.abort();
      };
    });
    const outcome = await CALLERS[name]?.(gateway.url)(LIST, request, { signal: cancel.signal });
    expect(outcome?.code).toMatch(/^cancell?ed$/);
    await closed;
  },
);

describe("gRPC's own retry", () => {
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.01s",
    maxBackoff: "0.01s",
    backoffMultiplier: 1,
    retryableStatusCodes: ["RESOURCE_EXHAUSTED"],
  };
  const retrying = {
    "grpc.service_config": JSON.stringify({
      methodConfig: [{ name: [{ service: "rollcall.v1.AppInstanceUserEndpointService" }], retryPolicy }],
    }),
  };

  /** Answers in turn: refusals until there are none left, and then as it should be. */
  function refuse(...refusals: Failure[]): { times: number } {
    const asks = { times: 0 };
    answer = (_, response) => {
      asks.times++;
      const refusal = refusals.shift();
      if (refusal === undefined) {
        response.writeHead(200, PROTO).end(LISTED);
      } else {
        response.writeHead(429, { "content-type": "application/json" });
        response.end(JSON.stringify(errorToJson(connectError(refusal), undefined)));
      }
    };
    return asks;
  }

  it("waits for as long as the server asks", async () => {
    const asks = refuse({ kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 400 });
    const began = performance.now();
    expect(await grpcJs(gateway.url, retrying)(LIST, request)).toMatchObject({ code: "ok" });
    expect(performance.now() - began).toBeGreaterThan(390);
    expect(asks.times).toBe(2);
  });

  it("is not made where it is of no use", async () => {
    const asks = refuse({ kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: 1 });
    expect(await grpcJs(gateway.url, retrying)(LIST, request)).toMatchObject({ code: "resource_exhausted" });
    expect(asks.times).toBe(1);
  });
});

describe("a request that the server can't have", () => {
  /** Over HTTP/1.1 and Connect: what it was told. */
  async function told(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, query = "") {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
    const response = await fetch(gateway.url + PATH + query, init);
    const { code, message, details } = (await response.json()) as {
      code: string;
      message: string;
      details: { debug: { reason: string } }[];
    };
    return { code, message, reason: details[0]?.debug.reason };
  }

  it.each<[string, string, Record<string, string>, string]>([
    ["with a signature in its header", "{}", { authorization: "AWS4-HMAC-SHA256 Credential=a" }, ""],
    ["with a signature in its query", "{}", {}, "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0"],
  ])("%s is refused, with what to do", async (_, body, headers, query) => {
    const { message, ...refusal } = await told(body, headers, query);
    expect(refusal).toEqual({ code: "unauthenticated", reason: "SIGNATURE_NOT_FORWARDED" });
    expect(message).toContain("Send a Bearer token, or call the server itself");
    expect(asked).toBeUndefined();
  });

  it.each<[string, string, Record<string, string>]>([
    ["that is no JSON", '{"a-device-token', {}],
    ["with a value of a wrong type", '{"appInstanceUserArn": ["a-device-token"]}', {}],
    ["with a deadline that is no number", "{}", { "connect-timeout-ms": "a-device-token" }],
    ["that is not compressed as it says", "a-device-token", { "content-encoding": "gzip" }],
  ])("%s is refused, and not repeated", async (_, body, headers) => {
    const { message, ...refusal } = await told(body, headers);
    expect(refusal).toEqual({ code: "invalid_argument", reason: "UNREADABLE_REQUEST" });
    expect(message).not.toContain("a-device-token");
    expect(asked).toBeUndefined();
  });

  it("of more than 128 KiB is refused, also when it is small before it is unpacked", async () => {
    const refusal = { code: "resource_exhausted", reason: "BODY_TOO_LARGE" };
    expect(await told("x".repeat(200_000))).toMatchObject(refusal);
    const packed = new Response("x".repeat(1_000_000)).body?.pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    expect(bytes.length).toBeLessThan(10_000);
    expect(await told(bytes, { "content-encoding": "gzip" })).toMatchObject(refusal);
  });
});

it("an answer that takes no more than a page can hold comes through", async () => {
  answer = (_, response) => {
    response
      .writeHead(200, PROTO)
      .end(Buffer.concat([LISTED, Buffer.from([0x12, 0x80, 0x80, 0x28]), Buffer.alloc(655_360, "x")]));
  };
  expect(await grpcJs(gateway.url)(LIST, request)).toMatchObject({ code: "ok" });
});

it("a message that gRPC compresses is read", async () => {
  const options = { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip };
  answer = (_, response) => response.writeHead(200, PROTO).end(LISTED);
  expect(await grpcJs(gateway.url, options)(LIST, { ...request, nextToken: "t".repeat(2_000) })).toMatchObject({
    code: "ok",
  });
});
