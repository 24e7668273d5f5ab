/** Clients of gRPC and its kin, unmodified, behind one method: what a caller of each gets to see. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type DescMethodUnary, fromBinary, fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { unlessFresh } from "../../scripts/fresh.ts";
import { runTool } from "../../scripts/run-tool.ts";
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUF = join(ROOT, "node_modules/.bin/buf");
const SERVICE = AppInstanceUserEndpointService.typeName;

export interface CallOptions {
  /** Without it there are no credentials. */
  readonly authorization?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type Outcome = { readonly code: "ok"; readonly response: JsonObject; readonly metadata: Headers } | Refused;

export interface Refused {
  /** As the protocols spell it: "already_exists". */
  readonly code: string;
  readonly message: string;
  readonly details: readonly Detail[];
  readonly metadata: Headers;
}

/** google.protobuf.Any, by the name of its message. */
export interface Detail {
  readonly type: string;
  readonly value: Uint8Array;
}

/** Calls an operation, with and for messages in proto3's JSON. */
export type Caller = (operation: string, request: JsonObject, options?: CallOptions) => Promise<Outcome>;

/** Each by its name, for a gateway at an address. Those with a process of their own can't be canceled. */
export const CALLERS: Record<string, (url: string) => Caller> = {
  "grpc-js": grpcJs,
  "connect-es gRPC": (baseUrl) => connectEs(createGrpcTransport({ baseUrl })),
  "connect-es gRPC-Web": (baseUrl) => connectEs(createGrpcWebTransport({ baseUrl, httpVersion: "2" })),
  "connect-es Connect": (baseUrl) => connectEs(createConnectTransport({ baseUrl, httpVersion: "2" })),
  "buf curl": (url) => bufCurl(url, []),
  "buf curl with files": (url) => bufCurl(url, ["--schema", protoImage()]),
};

export function connectEs(transport: Transport): Caller {
  return async (operation, request, { authorization, timeoutMs, signal } = {}) => {
    const method = methodOf(operation);
    const headers = new Headers(authorization && { authorization });
    try {
      const message = fromJson(method.input, request);
      const answer = await transport.unary(method, signal, timeoutMs, headers, message);
      const response = toJson(method.output, answer.message) as JsonObject;
      return { code: "ok", response, metadata: answer.header };
    } catch (reason) {
      const { code, rawMessage, details, metadata } = ConnectError.from(reason);
      return { code: nameOf(code), message: rawMessage, details: details as Detail[], metadata };
    }
  };
}

function methodOf(operation: string): DescMethodUnary {
  const methods: readonly DescMethodUnary[] = Object.values(AppInstanceUserEndpointService.method);
  const method = methods.find(({ name }) => name === operation);
  if (method === undefined) {
    throw new Error(`there is no ${operation}`);
  }
  return method;
}

/** Code.AlreadyExists, and grpc-js's 6, are "already_exists". */
function nameOf(code: Code): string {
  return Code[code].replace(/(?<!^)(?=[A-Z])/g, "_").toLowerCase();
}

const PROTO = loadSync("rollcall/v1/app_instance_user_endpoint_service.proto", {
  includeDirs: [join(ROOT, "proto")],
  enums: String,
  longs: String,
});

/** grpc-js's client of the service, as it makes them of the proto. `options` are its channel's. */
export function grpcJsClient(url: string, options: grpc.ClientOptions = {}, ca?: Buffer): grpc.Client {
  const Service = grpc.makeClientConstructor(PROTO[SERVICE] as grpc.ServiceDefinition, SERVICE);
  const credentials = ca === undefined ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(ca);
  return new Service(new URL(url).host, credentials, options);
}

export function grpcJs(url: string, options: grpc.ClientOptions = {}, ca?: Buffer): Caller {
  const client = grpcJsClient(url, options, ca) as unknown as Record<
    string,
    grpc.requestCallback<JsonObject> | unknown
  >;
  return (operation, request, { authorization, timeoutMs, signal } = {}) => {
    const metadata = new grpc.Metadata();
    if (authorization !== undefined) {
      metadata.set("authorization", authorization);
    }
    const deadline = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
    return new Promise((resolve) => {
      let answered = new grpc.Metadata();
      const ended = (error: grpc.ServiceError | null, response?: JsonObject) =>
        resolve(
          error === null
            ? { code: "ok", response: response ?? {}, metadata: headersOf(answered) }
            : {
                code: nameOf(error.code as number),
                message: error.details,
                details: detailsOf(error.metadata.get("grpc-status-details-bin")[0] as Buffer | undefined),
                metadata: headersOf(error.metadata),
              },
        );
      const method = client[operation] as (...args: unknown[]) => grpc.ClientUnaryCall;
      const call = method.call(client, withTimes(request), metadata, deadline, ended);
      call.on("metadata", (headers: grpc.Metadata) => {
        answered = headers;
      });
      signal?.addEventListener("abort", () => call.cancel());
    });
  };
}

/** protobufjs takes a google.protobuf.Timestamp as the message that it is, and not as proto3's JSON has it. */
function withTimes(request: JsonObject): unknown {
  return JSON.parse(JSON.stringify(request), (name, value) =>
    name === "timestamp" && typeof value === "string"
      ? { seconds: Math.floor(Date.parse(value) / 1_000), nanos: (Date.parse(value) % 1_000) * 1_000_000 }
      : value,
  );
}

function headersOf(metadata: grpc.Metadata): Headers {
  return new Headers(
    Object.entries(metadata.getMap()).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The third field of google.rpc.Status. */
function detailsOf(status: Uint8Array | undefined): Detail[] {
  const details: Detail[] = [];
  const reader = new BinaryReader(status ?? new Uint8Array());
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 3) {
      const { typeUrl, value } = fromBinary(AnySchema, reader.bytes());
      details.push({ type: typeUrl.split("/").at(-1) ?? "", value });
    } else {
      reader.skip(wireType);
    }
  }
  return details;
}

/** The proto with all that it imports, in a file: buf would build it anew for each call. Tests of several files ask for it at once. */
function protoImage(): string {
  const image = "dist/rollcall.binpb";
  unlessFresh("proto-image", [image], () => runTool(BUF, ["build", "--path", "proto/rollcall", "--output", image]));
  return join(ROOT, image);
}

/** gRPC, without TLS. Unless it is told of files, it asks the gateway what there is to call. */
function bufCurl(url: string, args: readonly string[]): Caller {
  return async (operation, request, { authorization, timeoutMs } = {}) => {
    const headers = authorization === undefined ? [] : ["--header", `"authorization: ${authorization}"`];
    const limits = timeoutMs === undefined ? [] : ["--timeout", `${timeoutMs}ms`];
    const options = ["curl", "--verbose", "--protocol", "grpc", "--http2-prior-knowledge", "--data", "@-"];
    const command = [...options, ...args, ...headers, ...limits, `${url}/${SERVICE}/${operation}`];
    const buf = spawn(BUF, command, { cwd: "/", stdio: ["pipe", "pipe", "pipe"] });
    buf.stdin.end(JSON.stringify(request));
    const exited = once(buf, "exit");
    const [printed, said] = await Promise.all([text(buf.stdout), text(buf.stderr), exited]);
    const metadata = new Headers(
      Array.from(said.matchAll(/^buf: < \(#\d+\) ([\w-]+): (.*)$/gm), ([, name = "", value = ""]) => [
        name,
        value.trim(),
      ]),
    );
    const error = /^\{$.*^\}$/ms.exec(said)?.[0];
    if (error === undefined) {
      if (buf.exitCode !== 0) {
        throw new Error(said);
      }
      return { code: "ok", response: JSON.parse(printed || "{}"), metadata };
    }
    const {
      code,
      message,
      details = [],
    } = JSON.parse(error) as { code: string; message: string; details?: { type: string; value: string }[] };
    return {
      code,
      message,
      details: details.map(({ type, value }) => ({ type, value: Buffer.from(value, "base64") })),
      metadata,
    };
  };
}
