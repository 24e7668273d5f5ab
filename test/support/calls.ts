/** Calls of the operations over both wires, by a client that tells a refusal from no answer at all. */
import { bearerOf } from "./credentials.ts";

export type Operation = "Register" | "Describe" | "List" | "Update" | "Deregister" | "Erase" | BatchOperation;

/** About many users, of whom the caller is the only one here. */
type BatchOperation = "Resolve" | "Report";

export type Wire = "rest" | "connect";

/** Members as in the proto, without the user's ARN; times are dates. */
export type Members = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  /** The body, its members in lowerCamelCase and enums bare, whichever wire it came by. */
  readonly body: Record<string, unknown>;
  /** The id in the log line of the request. */
  readonly requestId: string;
  /** How many seconds the caller is asked to wait. */
  readonly retryAfter: string | null;
}

/** Someone who may act for one user, the end of whose ARN is the subject of the token. */
export interface Caller {
  readonly arn: string;
  readonly headers: Readonly<Record<string, string>>;
}

export async function callerFor(arn: string): Promise<Caller> {
  return { arn, headers: await bearerOf(arn) };
}

/** Where calls go: the URL of a server, without a slash at its end, or what answers in the place of one. */
export type Server = string | ((path: string, init: RequestInit) => Response | Promise<Response>);

/** Calls, and answers undefined where the connection broke before the whole answer was there. */
export async function call(
  server: Server,
  caller: Caller,
  wire: Wire,
  operation: Operation,
  members: Members = {},
): Promise<Answer | undefined> {
  const { method, path, body } = (wire === "rest" ? restRequest : connectRequest)(caller.arn, operation, members);
  const headers = { ...caller.headers, ...(body !== null && { "content-type": "application/json" }) };
  try {
    const init = { method, headers, body };
    const response = await (typeof server === "string" ? fetch(server + path, init) : server(path, init));
    const text = await response.text();
    const json = text.startsWith("{") ? JSON.parse(text) : {};
    return {
      status: response.status === 201 || response.status === 204 ? 200 : response.status,
      body: respelled(json, decapitalised) as Record<string, unknown>,
      requestId: response.headers.get("x-amzn-requestid") ?? "",
      retryAfter: response.headers.get("retry-after"),
    };
  } catch {
    return undefined;
  }
}

const BATCHES: Readonly<Record<BatchOperation, { rpc: string; path: string }>> = {
  Resolve: { rpc: "ResolveAppInstanceUserEndpoints", path: "/app-instance-user-endpoints/resolve" },
  Report: { rpc: "ReportAppInstanceUserEndpointFailures", path: "/app-instance-user-endpoints/failures" },
};

function isBatch(operation: Operation): operation is BatchOperation {
  return operation in BATCHES;
}

/** The members of a call with the user's ARN where it belongs. */
function withArn(arn: string, operation: Operation, members: Members): Members {
  switch (operation) {
    case "Resolve":
      return { appInstanceUserArns: [arn], ...members };
    case "Report": {
      const failures = members.failures as readonly Members[];
      return { failures: failures.map((failure) => ({ appInstanceUserArn: arn, ...failure })) };
    }
    default:
      return { appInstanceUserArn: arn, ...members };
  }
}

const VERBS = { Register: "POST", Describe: "GET", List: "GET", Update: "PUT", Deregister: "DELETE", Erase: "DELETE" };

/** A call as REST has it. */
export function restRequest(arn: string, operation: Operation, { endpointId, ...members }: Members) {
  if (isBatch(operation)) {
    const body = JSON.stringify(respelled(withArn(arn, operation, members), capitalised));
    return { method: "POST", path: BATCHES[operation].path, body };
  }
  const id = endpointId === undefined ? "" : `/${endpointId}`;
  const method = VERBS[operation];
  const query =
    operation === "List" ? queryOf({ "next-token": members.nextToken, "max-results": members.maxResults }) : "";
  const body = method === "GET" || method === "DELETE" ? null : JSON.stringify(respelled(members, capitalised));
  const user = `/app-instance-users/${encodeURIComponent(arn)}`;
  return { method, path: operation === "Erase" ? user : `${user}/endpoints${id}${query}`, body };
}

function queryOf(parameters: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

function rpcOf(operation: Operation): string {
  if (operation === "Erase") {
    return "DeleteAppInstanceUser";
  }
  return isBatch(operation)
    ? BATCHES[operation].rpc
    : `${operation}AppInstanceUserEndpoint${operation === "List" ? "s" : ""}`;
}

/** The same over Connect, in JSON. */
export function connectRequest(arn: string, operation: Operation, members: Members) {
  const rpc = rpcOf(operation);
  const { type, allowMessages } = members;
  const body = {
    ...withArn(arn, operation, members),
    ...(type !== undefined && { type: `APP_INSTANCE_USER_ENDPOINT_TYPE_${type}` }),
    ...(allowMessages !== undefined && { allowMessages: `ALLOW_MESSAGES_${allowMessages}` }),
  };
  return { method: "POST", path: `/rollcall.v1.AppInstanceUserEndpointService/${rpc}`, body: JSON.stringify(body) };
}

/** The same value with the names of its members respelled, and enums by their bare names. */
function respelled(value: unknown, spell: (name: string) => string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => respelled(item, spell));
  }
  if (value instanceof Date) {
    return value.getTime() / 1_000;
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [spell(name), respelled(member, spell)]));
  }
  return typeof value === "string"
    ? value.replace(/^(APP_INSTANCE_USER_ENDPOINT_TYPE|ALLOW_MESSAGES|FAILURE_EFFECT|ENDPOINT_STATUS)_/, "")
    : value;
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function decapitalised(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
