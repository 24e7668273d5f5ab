/** The requests of each wire as the bytes that go over a socket, so that nothing is left to do while the time counts. */
import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { bearerOf, type Signing, signedHeaders } from "../../test/support/credentials.ts";
import { RESOURCE_ARN } from "../../test/support/requests.ts";
import type { WireRequest } from "../../test/support/wire.ts";
import { AppInstanceUserEndpointService } from "./messages.ts";

export interface User {
  readonly arn: string;
  /** Of the user's first endpoint, once it is registered. */
  readonly endpointId: string;
}

/** What a Worker is asked; "invalid" and "unauthenticated" are registrations that it refuses. */
export type Call = "register" | "replay" | "describe" | "list" | "invalid" | "unauthenticated";

/** A whole request; `device` counts a user's devices from 1. A wire has those calls that its Worker knows. */
export type Wire = Partial<Record<Call, (user: User, device: number) => Promise<Uint8Array>>>;

/** As long as what phones send: tokens of FCM have 163 characters, and SDKs make up a UUID for each request. */
export const registration = ({ arn }: User, device: number) => ({
  deviceToken: `${arn.split("/").at(-1)}-${device}-`.padEnd(163, "x"),
  clientRequestToken: `00000000-0000-4000-8000-${String(device).padStart(12, "0")}`,
});

/** What the AWS SDK for JavaScript sends besides, and has signed. */
export const SDK_HEADERS = {
  "x-amz-user-agent": "aws-sdk-js/3.1080.0",
  "user-agent": "aws-sdk-js/3.1080.0",
  "amz-sdk-invocation-id": "9f03ec00-03fa-463f-a379-cff4ae577dc2",
  "amz-sdk-request": "attempt=1; max=3",
};

/** What has no counterpart on other wires: a sender's calls, and what an app does at a launch besides registering. */
export interface LaunchesAndSenders {
  /** Registers a device again, as a launch that knows nothing of the first. */
  relaunch(user: User, device: number): Promise<Uint8Array>;
  /** Registers a device of another user's. */
  take(user: User, from: User, device: number): Promise<Uint8Array>;
  /** Puts another device's token in the place of that of the user's first endpoint. */
  rotate(user: User, device: number): Promise<Uint8Array>;
  resolve(users: readonly User[]): Promise<Uint8Array>;
  /** Says that a push to each user's first endpoint failed. */
  report(users: readonly User[], reason: string): Promise<Uint8Array>;
}

/** REST, signed with SigV4: by local mode's key for everything, or by whatever a user has. */
export function restWire(
  url: string,
  keysOf: (user: User) => Signing = () => ({}),
): Required<Wire> & LaunchesAndSenders {
  const cache = new Map<string, ArrayBuffer>();
  const request = async (method: string, path: string, body: string | null = null, signing: Signing = {}) => {
    const headers = { ...SDK_HEADERS, ...(body !== null && { "content-type": "application/json" }) };
    const unsigned = { method, path, headers, body };
    return toBytes(url, { ...unsigned, headers: await signedHeaders(url + path, unsigned, { cache, ...signing }) });
  };
  const body = (user: User, device: number, changes = {}) => {
    const { deviceToken: DeviceToken, clientRequestToken: ClientRequestToken } = registration(user, device);
    const members = { Type: "GCM", ResourceArn: RESOURCE_ARN, EndpointAttributes: { DeviceToken }, ClientRequestToken };
    return JSON.stringify({ ...members, ...changes });
  };
  const register = (user: User, device: number) =>
    request("POST", endpointsPath(user), body(user, device), keysOf(user));
  return {
    register,
    replay: register,
    describe: (user) => request("GET", `${endpointsPath(user)}/${user.endpointId}`),
    list: (user) => request("GET", endpointsPath(user), null, keysOf(user)),
    invalid: (user, device) => request("POST", endpointsPath(user), body(user, device, { Type: "" })),
    unauthenticated: (user, device) =>
      request("POST", endpointsPath(user), body(user, device), { secretAccessKey: "another", cache: new Map() }),
    relaunch: (user, device) =>
      request("POST", endpointsPath(user), body(user, device, { ClientRequestToken: crypto.randomUUID() })),
    take: (user, from, device) =>
      request("POST", endpointsPath(user), body(from, device, { ClientRequestToken: crypto.randomUUID() })),
    rotate: (user, device) =>
      request(
        "PUT",
        `${endpointsPath(user)}/${user.endpointId}`,
        JSON.stringify({ EndpointAttributes: { DeviceToken: registration(user, device).deviceToken } }),
      ),
    resolve: (users) =>
      request(
        "POST",
        "/app-instance-user-endpoints/resolve",
        JSON.stringify({ AppInstanceUserArns: users.map(({ arn }) => arn) }),
      ),
    report: (users, Reason) => {
      const Failures = users.map((user) => ({
        ...{ AppInstanceUserArn: user.arn, EndpointId: user.endpointId },
        ...{ DeviceToken: registration(user, 1).deviceToken, Reason, Timestamp: Date.now() / 1_000 },
      }));
      return request("POST", "/app-instance-user-endpoints/failures", JSON.stringify({ Failures }));
    },
  };
}

export function endpointsPath({ arn }: User): string {
  return `/app-instance-users/${encodeURIComponent(arn)}/endpoints`;
}

/** A GET with these headers, by the same SDK. */
export function plainRequest(url: string, path: string, headers: Readonly<Record<string, string>>): Uint8Array {
  return toBytes(url, { method: "GET", path, headers: { ...SDK_HEADERS, ...headers }, body: null });
}

/** Connect, with a JWT. */
export function connectWire(url: string, codec: "json" | "proto"): Required<Wire> {
  const { typeName, methods } = AppInstanceUserEndpointService;
  const call = async (rpc: string, { arn }: User, members: JsonObject = {}, bearer = bearerOf(arn)) => {
    const json = { appInstanceUserArn: arn, ...members };
    const input = methods.find(({ name }) => name === rpc)?.input;
    if (input === undefined) {
      throw new Error(`the service has no rpc ${rpc}`);
    }
    const headers = {
      ...{ "content-type": `application/${codec}`, "connect-protocol-version": "1", "user-agent": "connect-es/2.2.0" },
      ...(await bearer),
    };
    const body = codec === "json" ? JSON.stringify(json) : toBinary(input, fromJson(input, json));
    return toBytes(url, { method: "POST", path: `/${typeName}/${rpc}`, headers, body });
  };
  const members = (user: User, device: number) => {
    const { deviceToken, clientRequestToken } = registration(user, device);
    const type = "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM";
    return { type, resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken }, clientRequestToken };
  };
  const rpc = "RegisterAppInstanceUserEndpoint";
  const register = (user: User, device: number) => call(rpc, user, members(user, device));
  return {
    register,
    replay: register,
    describe: (user) => call("DescribeAppInstanceUserEndpoint", user, { endpointId: user.endpointId }),
    list: (user) => call("ListAppInstanceUserEndpoints", user),
    invalid: (user, device) =>
      call(rpc, user, { ...members(user, device), type: "APP_INSTANCE_USER_ENDPOINT_TYPE_UNSPECIFIED" }),
    unauthenticated: (user, device) => call(rpc, user, members(user, device), unsignedBearer(user)),
  };
}

/** A token whose signature is another one's. */
async function unsignedBearer({ arn }: User): Promise<{ authorization: string }> {
  const [token, other] = await Promise.all([bearerOf(arn), bearerOf(`${arn}-other`)]);
  const unsigned = token.authorization.split(".").slice(0, 2);
  return { authorization: [...unsigned, other.authorization.split(".")[2]].join(".") };
}

/** The floor Worker: bench/workers/floor.ts. Each of its rows is as long as one of Rollcall's. */
export function floorWire(url: string, rowBytes: number) {
  const path = ({ arn }: User) => `/${encodeURIComponent(arn)}`;
  const read = async (user: User) => toBytes(url, { method: "GET", path: path(user), headers: {}, body: null });
  return {
    register: async (user: User, device: number) => {
      const { deviceToken } = registration(user, device);
      return toBytes(url, { method: "POST", path: path(user), headers: {}, body: deviceToken.padEnd(rowBytes, "x") });
    },
    replay: read,
    describe: read,
    list: read,
  };
}

/** The Workers of the bare steps get what Rollcall gets over the same wire. */
export function bareWire({ register, invalid, unauthenticated }: Required<Wire>): Wire {
  return { register, invalid, unauthenticated };
}

/** The hello-world Worker gets the very bytes that Rollcall refuses. */
export function helloWire(url: string): Wire {
  const { list, invalid, unauthenticated } = restWire(url);
  return { list, invalid, unauthenticated };
}

/** A request as the bytes that go over a socket. */
export function toBytes(url: string, { method, path, headers, body }: WireRequest): Uint8Array {
  const content = Buffer.from(body ?? "");
  const fields = { host: new URL(url).host, ...headers, ...(body !== null && { "content-length": content.length }) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), content]);
}
