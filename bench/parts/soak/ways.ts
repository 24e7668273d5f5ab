/** The ways on which a soak's calls come: as callers do, some by each wire and some through the gateway. */
import { type DescMethodUnary, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { connectRequest, type Members, type Operation, restRequest } from "../../../test/support/calls.ts";
import { bearerOf, type Signing, signedHeaders } from "../../../test/support/credentials.ts";
import { AppInstanceUserEndpointService } from "../../calls/messages.ts";
import { SDK_HEADERS, toBytes } from "../../calls/wires.ts";
import type { Answer } from "../../load/connection.ts";
import type { Pool } from "../../load/pool.ts";

/** What a call is to come to. */
export type Expected = "ok" | "invalid" | "unauthenticated";

export interface SoakCall {
  readonly operation: Operation;
  readonly arn: string;
  readonly members: Members;
  readonly expects: Expected;
  /** What it is signed with over REST, where that is not local mode's key for everything. */
  readonly session?: Signing;
}

export interface Came {
  readonly isExpected: boolean;
  /** A status of HTTP, or a code of gRPC. */
  readonly code: string;
  /** The body, or what the message says of an endpoint's id. */
  readonly body: string;
}

export type Way = (call: SoakCall) => Promise<Came>;

const STATUSES: Record<Expected, readonly number[]> = { ok: [200, 201, 204], invalid: [400], unauthenticated: [401] };
const CODES: Record<Expected, string> = {
  ok: "ok",
  invalid: Code[Code.InvalidArgument],
  unauthenticated: Code[Code.Unauthenticated],
};

export function restWay(url: string, pool: Pool): Way {
  // Of local mode's key alone: there are as many others as sessions.
  const cache = new Map<string, ArrayBuffer>();
  return async ({ operation, arn, members, expects, session }) => {
    const { method, path, body } = restRequest(arn, operation, members);
    const unsigned = {
      method,
      path,
      headers: { ...SDK_HEADERS, ...(body && { "content-type": "application/json" }) },
      body,
    };
    const wrong = expects === "unauthenticated" && { secretAccessKey: "another" };
    const headers = await signedHeaders(url + path, unsigned, { ...(session ?? { cache }), ...wrong });
    return came(await pool.send(toBytes(url, { ...unsigned, headers })), expects);
  };
}

export function connectWay(url: string, pool: Pool, codec: "json" | "proto"): Way {
  return async (call) => {
    const { path, body } = connectRequest(call.arn, call.operation, call.members);
    const headers = {
      "content-type": `application/${codec}`,
      "connect-protocol-version": "1",
      ...(await bearerFor(call)),
    };
    const content = codec === "json" ? body : Buffer.from(binaryOf(path, body));
    return came(await pool.send(toBytes(url, { method: "POST", path, headers, body: content })), call.expects);
  };
}

/** gRPC, through the gateway. */
export function gatewayWay(baseUrl: string): Way {
  const transport = createGrpcTransport({ baseUrl });
  return async (call) => {
    const { path, body } = connectRequest(call.arn, call.operation, call.members);
    const method = methodAt(path);
    const message = fromJson(method.input, JSON.parse(body) as JsonValue);
    try {
      const { message: answer } = await transport.unary(method, undefined, undefined, await bearerFor(call), message);
      const { endpointId = "" } = answer as { endpointId?: string };
      return { isExpected: call.expects === "ok", code: "ok", body: endpointId };
    } catch (error) {
      const code = Code[ConnectError.from(error).code];
      return { isExpected: code === CODES[call.expects], code, body: "" };
    }
  };
}

function came({ status, body }: Answer, expects: Expected): Came {
  return { isExpected: STATUSES[expects].includes(status), code: String(status), body };
}

async function bearerFor({ arn, expects }: SoakCall): Promise<{ authorization: string }> {
  const [own, other] = [
    await bearerOf(arn),
    expects === "unauthenticated" ? await bearerOf(`${arn}-other`) : undefined,
  ];
  const signature = other?.authorization.split(".").at(-1);
  return signature === undefined
    ? own
    : { authorization: [...own.authorization.split(".").slice(0, 2), signature].join(".") };
}

function binaryOf(path: string, json: string): Uint8Array {
  const { input } = methodAt(path);
  return toBinary(input, fromJson(input, JSON.parse(json) as JsonValue));
}

function methodAt(path: string): DescMethodUnary {
  const method = METHODS.find(({ name }) => path.endsWith(`/${name}`));
  if (method === undefined) {
    throw new Error(`the service has no rpc at ${path}`);
  }
  return method;
}

const METHODS: readonly DescMethodUnary[] = Object.values(AppInstanceUserEndpointService.method);
