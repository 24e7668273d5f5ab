/** The wires that a sender can call by, behind one method: what it is told, in one form whichever wire it came by. */
import { fromBinary, type JsonObject } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { SignJWT } from "jose";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { connectEs } from "./callers.ts";
import { signedHeaders } from "./credentials.ts";

/** The rpcs about many users, by the end of their path on REST. */
const PATHS = {
  ResolveAppInstanceUserEndpoints: "resolve",
  ReportAppInstanceUserEndpointFailures: "failures",
} as const;

export type BatchRpc = keyof typeof PATHS;

export interface Told {
  /** "200", "400 BadRequestException" on REST, "ok", "invalid_argument CONSTRAINTS_VIOLATED" elsewhere. */
  readonly outcome: string;
  /** Members in lowerCamelCase, enums by their bare names; empty where the call was refused. */
  readonly body: Readonly<Record<string, readonly Entry[]>>;
}

type Entry = Readonly<Record<string, unknown>> & { readonly appInstanceUserArn: string };

/** Who is calling: with a signature on the first wire, with a token on all others; nobody where null. */
export interface Sender {
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly token: string;
}

/** Calls a server at a URL, with a message in proto3's JSON. */
type Wire = (url: string, rpc: BatchRpc, message: JsonObject, sender: Sender | null) => Promise<Told>;

export const BATCH_WIRES: Readonly<Record<string, Wire>> = {
  "REST, signed": (url, rpc, message, sender) => {
    return rest(url, rpc, message, (request) =>
      sender === null ? request.headers : signedHeaders(request.url, request, sender.key),
    );
  },
  "REST, bearer": (url, rpc, message, sender) => {
    return rest(url, rpc, message, ({ headers }) => ({ ...headers, ...bearer(sender) }));
  },
  "Connect, JSON": (baseUrl, ...call) => connect(createConnectTransport({ baseUrl, ...JSON_1 }), ...call),
  "Connect, binary": (baseUrl, ...call) => connect(createConnectTransport({ baseUrl, ...BINARY_1 }), ...call),
  "gRPC-Web": (baseUrl, ...call) => connect(createGrpcWebTransport({ baseUrl, ...BINARY_1 }), ...call),
};

const JSON_1 = { httpVersion: "1.1", useBinaryFormat: false } as const;
const BINARY_1 = { httpVersion: "1.1", useBinaryFormat: true } as const;

interface Unauthenticated {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function rest(
  url: string,
  rpc: BatchRpc,
  message: JsonObject,
  authenticated: (request: Unauthenticated) => Record<string, string> | Promise<Record<string, string>>,
): Promise<Told> {
  const request = {
    url: `${url}/app-instance-user-endpoints/${PATHS[rpc]}`,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(respelled(message, capitalised, ([name, value]) => [name, restValue(name, value)])),
  };
  const response = await fetch(request.url, { ...request, headers: await authenticated(request) });
  const error = response.headers.get("x-amzn-errortype");
  const body = await response.json();
  return error === null
    ? { outcome: String(response.status), body: respelled(body, decapitalised) as Told["body"] }
    : { outcome: `${response.status} ${error}`, body: {} };
}

async function connect(transport: Transport, rpc: BatchRpc, message: JsonObject, sender: Sender | null): Promise<Told> {
  const outcome = await connectEs(transport)(rpc, message, bearer(sender));
  if ("response" in outcome) {
    return { outcome: outcome.code, body: respelled(outcome.response, (name) => name) as Told["body"] };
  }
  const info = outcome.details.find(({ type }) => type === ErrorInfoSchema.typeName);
  return { outcome: `${outcome.code} ${info && fromBinary(ErrorInfoSchema, info.value).reason}`, body: {} };
}

function bearer(sender: Sender | null): { authorization?: string } {
  return sender === null ? {} : { authorization: `Bearer ${sender.token}` };
}

/** A time is a number of seconds on REST. */
function restValue(name: string, value: unknown): unknown {
  return name === "timestamp" ? Date.parse(String(value)) / 1_000 : value;
}

type Member = readonly [name: string, value: unknown];

/** The same value with the names of its members respelled, and enums by their bare names. */
function respelled(
  value: unknown,
  spell: (name: string) => string,
  each = (member: Member): Member => member,
): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => respelled(item, spell, each));
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(each);
    return Object.fromEntries(members.map(([name, member]) => [spell(name), respelled(member, spell, each)]));
  }
  return typeof value === "string" ? value.replace(/^(FAILURE_EFFECT|ENDPOINT_STATUS)_/, "") : value;
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function decapitalised(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** What a call came to, in words: users with their endpoints or the effects on them, and then those with errors. */
export function inWords({ outcome, body: { users = [], results = [], errors = [] } }: Told): string {
  const name = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1).replace(/^other-\d+$/, "other");
  const answered = [
    ...users.map(
      ({ appInstanceUserArn, endpoints }) => `${name(appInstanceUserArn)} ${[endpoints ?? []].flat().length}`,
    ),
    ...results.map(({ appInstanceUserArn, effect, endpointState }) => {
      const { status = "" } = (endpointState ?? {}) as { status?: string };
      return `${name(appInstanceUserArn)} ${effect} ${status}`.trim();
    }),
  ];
  const failed = errors.map(({ appInstanceUserArn, errorCode, retryAfterSeconds }) => {
    return `${name(appInstanceUserArn)} ${errorCode}${retryAfterSeconds === undefined ? "" : " to wait"}`;
  });
  return [outcome, answered.join(", "), failed.length > 0 ? `errors: ${failed.join(", ")}` : ""]
    .filter(Boolean)
    .join(" | ");
}

/** A principal for senders by key and one by token, as variables: each may do what a policy says. */
export async function senderWith(policy: unknown): Promise<{ sender: Sender; variables: Record<string, string> }> {
  const key = { accessKeyId: "AKIASENDER0000000001", secretAccessKey: "a-secret-of-a-sender-of-40-characters-00" };
  const [issuer, secret] = ["senders", "a-secret-of-an-issuer-of-at-least-32-characters"];
  const token = await new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(issuer)
    .setAudience("rollcall")
    .setSubject("a-sender")
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));
  return {
    sender: { key, token },
    variables: {
      PRINCIPAL_SENDER: JSON.stringify({ accessKeys: [key], policy }),
      PRINCIPAL_SENDERS: JSON.stringify({ tokenIssuer: { issuer, audience: "rollcall", secrets: [secret] }, policy }),
    },
  };
}
