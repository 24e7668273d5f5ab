/** The requests that attacks start from: valid ones, taken apart so that each part can be made hostile. */

import type { Caller } from "../../test/support/calls.ts";
import { RESOURCE_ARN } from "../../test/support/requests.ts";
import type { Random } from "../random.ts";

/** A request before it is put on the wire; nothing in it is checked on the way. */
export interface Hostile {
  readonly method: string;
  readonly target: string;
  /** Besides Host and Content-Length, unless they stand here. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What attacks are made of. */
export interface Arsenal {
  readonly random: Random;
  /** Without a slash at its end. */
  readonly url: string;
  /** Someone whom the server lets act for one user, so that attacks get past authentication. */
  readonly caller: Caller;
  /** Stands wherever a device token would, and may come back nowhere. */
  readonly secret: string;
}

/** Makes one hostile request. */
export type Attacker = (arsenal: Arsenal) => Hostile | Promise<Hostile>;

/** Content types of the Connect wire. */
export const CONNECT_TYPES = [
  "application/json",
  "application/proto",
  "application/grpc-web+proto",
  "application/grpc-web+json",
];

const SERVICE = "/rollcall.v1.AppInstanceUserEndpointService";
const EMPTY = new Uint8Array();

export function restRegister({ caller, secret }: Arsenal): Hostile {
  const body = {
    Type: "GCM",
    ResourceArn: RESOURCE_ARN,
    ClientRequestToken: "request-1",
    Name: `name ${secret}`,
    EndpointAttributes: { DeviceToken: secret, VoipDeviceToken: secret },
  };
  return {
    method: "POST",
    target: endpointsOf(caller),
    headers: [...Object.entries(caller.headers), ["content-type", "application/json"]],
    body: Buffer.from(JSON.stringify(body)),
  };
}

export function restGet({ caller }: Arsenal, rest: string): Hostile {
  return { method: "GET", target: endpointsOf(caller) + rest, headers: Object.entries(caller.headers), body: EMPTY };
}

export function connectRegister(
  { caller, secret }: Arsenal,
  type = "application/json",
  operation = "RegisterAppInstanceUserEndpoint",
): Hostile {
  const body = {
    appInstanceUserArn: caller.arn,
    type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
    resourceArn: RESOURCE_ARN,
    endpointAttributes: { deviceToken: secret },
    clientRequestToken: "request-1",
    name: `name ${secret}`,
  };
  return {
    method: "POST",
    target: `${SERVICE}/${operation}`,
    headers: [...Object.entries(caller.headers), ["content-type", type]],
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** The same over either wire. */
export function anyRegister(arsenal: Arsenal): Hostile {
  return arsenal.random.pick([restRegister, connectRegister])(arsenal);
}

export function withHeader(request: Hostile, name: string, value: string): Hostile {
  const others = request.headers.filter(([known]) => known.toLowerCase() !== name.toLowerCase());
  return { ...request, headers: [...others, [name, value]] };
}

export function endpointsOf({ arn }: Pick<Caller, "arn">): string {
  return `/app-instance-users/${encodeURIComponent(arn)}/endpoints`;
}

/** On the wire. Texts are taken for Latin-1, a byte a character, so that they can hold any byte. */
export function bytesOf({ method, target, headers, body }: Hostile, url: string): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const needsLength = body.length > 0 && !names.has("content-length") && !names.has("transfer-encoding");
  const all = [
    ...(names.has("host") ? [] : [["host", new URL(url).host]]),
    ...headers,
    ...(needsLength ? [["content-length", String(body.length)]] : []),
  ];
  const head = `${method} ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}
