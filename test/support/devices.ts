/** The Directory in tests: the real classes behind an app, in an app instance that no other test has. */
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, vi } from "vitest";
import { parsePolicy } from "../../src/worker/auth/policy/parse.ts";
import type { Directory } from "../../src/worker/directory/directory.ts";
import type { DirectoryNamespace } from "../../src/worker/model/directory-calls.ts";
import type { Endpoint } from "../../src/worker/model/endpoint.ts";
import type { Holding } from "../../src/worker/model/holding.ts";
import type { UserNamespace } from "../../src/worker/model/user-rpcs.ts";
import { deviceKeys, shardOf } from "../../src/worker/objects/device-key.ts";
import { objectName } from "../../src/worker/objects/place.ts";
import { createApp } from "../../src/worker/transport/app.ts";
import type { Service } from "../../src/worker/transport/perform.ts";
import { ask } from "./ask.ts";
import { LOCAL_VARIABLES, localService } from "./credentials.ts";
import { holdingsOf } from "./holdings.ts";
import { RESOURCE_ARN } from "./requests.ts";
import { NOW } from "./rows.ts";
import { configure, stored, userNamed } from "./user-object.ts";

export const { APP_INSTANCE_USER: users, DIRECTORY: directory } = env as unknown as {
  APP_INSTANCE_USER: UserNamespace;
  DIRECTORY: DirectoryNamespace;
};
const shards = directory as unknown as DurableObjectNamespace<Directory>;

export type DevicesVariables = Partial<
  Record<"SAME_DEVICE" | "DEVICES" | "ENDPOINTS_PER_USER" | "EVENTS_URL" | "EVENTS_SECRETS", string>
>;

/** Nobody is throttled for how often they call: these tests are about devices. */
export const MOVE = {
  SAME_DEVICE: "adopt",
  DEVICES: "move",
  ENDPOINTS_PER_USER: "500",
  OPERATION_RATE_PER_SECOND: "1000",
};

/**
 * Has every object of a test start with these variables, at a time that does not go on by itself. That time is yet to come, so no alarm
 * runs unless the test runs it.
 */
export function whereDevicesAre(variables: DevicesVariables = {}): void {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    vi.spyOn(console, "log").mockImplementation(() => {});
    await become(variables);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    restore();
    await abortAllDurableObjects();
  });
}

let restore = () => {};

/** Configures all objects anew, as a deploy does. */
export async function become(variables: DevicesVariables): Promise<void> {
  restore();
  restore = configure({ ...MOVE, ...variables });
  await abortAllDurableObjects();
}

/** Of a caller who may do everything, but for some resources. */
function policy(denied: readonly string[]) {
  const all = { Effect: "Allow", Action: "*", Resource: "*" };
  const Statement = [all, ...denied.map((Resource) => ({ Effect: "Deny", Action: "*", Resource }))];
  return parsePolicy({ Version: "2012-10-17", Statement }, "", () => undefined);
}

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly endpointId: string };
  readonly reason: string | undefined;
  readonly retryAfter: string | null;
}

/** An app instance, whose users are called by letters and words. */
export class AppInstance {
  readonly arn: string;
  /** What calls are served with besides. */
  readonly service: Partial<Service> = {};
  #calls = 0;

  /** By a name of its own, but where what is stored names it already. */
  constructor(name: string = crypto.randomUUID()) {
    this.arn = `arn:aws:chime:us-east-1:123456789012:app-instance/${name}`;
  }

  arnOf(user: string): string {
    return `${this.arn}/user/${user}`;
  }

  /** Registers a device as an app does at launch; with a request token of its own each time, if none is given. */
  register(user: string, deviceToken: string, clientRequestToken = `request-${this.#calls++}`): Promise<Answered> {
    return this.call("RegisterAppInstanceUserEndpoint", {
      appInstanceUserArn: this.arnOf(user),
      type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
      resourceArn: RESOURCE_ARN,
      endpointAttributes: { deviceToken },
      clientRequestToken,
    });
  }

  update(user: string, endpointId: string, deviceToken: string): Promise<Answered> {
    const said = { endpointId, endpointAttributes: { deviceToken } };
    return this.call("UpdateAppInstanceUserEndpoint", { appInstanceUserArn: this.arnOf(user), ...said });
  }

  deregister(user: string, endpointId: string): Promise<Answered> {
    return this.call("DeregisterAppInstanceUserEndpoint", { appInstanceUserArn: this.arnOf(user), endpointId });
  }

  erase(user: string): Promise<Answered> {
    return this.call("DeleteAppInstanceUser", { appInstanceUserArn: this.arnOf(user) });
  }

  /** Whom the Directory names for a device. */
  async lookUp(deviceToken: string, denied: readonly string[] = []): Promise<string[]> {
    const device = { type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM", resourceArn: RESOURCE_ARN, deviceToken };
    const { body } = await this.call("LookupAppInstanceUserEndpoints", { appInstanceArn: this.arn, ...device }, denied);
    return this.#usersIn(body);
  }

  /** A page of all endpoints, by their users. */
  async list(maxResults: number, nextToken = "", denied: readonly string[] = []) {
    const { body } = await this.call(
      "ListEndpointsByAppInstance",
      { appInstanceArn: this.arn, maxResults, nextToken },
      denied,
    );
    return { users: this.#usersIn(body), nextToken: String(body.nextToken ?? "") };
  }

  async call(rpc: string, message: object, denied: readonly string[] = []): Promise<Answered> {
    const service = {
      ...localService({ ...LOCAL_VARIABLES, ...MOVE }),
      authenticate: async () => ({
        kind: "caller" as const,
        principal: "test",
        policy: policy(denied),
        claims: new Map<string, string>(),
      }),
      ...{ users, directory },
      ...this.service,
    };
    const response = await ask(createApp(service), `/rollcall.v1.AppInstanceUserEndpointService/${rpc}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(message),
    });
    const body = (await response.json()) as Answered["body"] & { details?: { debug?: { reason?: string } }[] };
    const reason = body.details?.find(({ debug }) => debug?.reason)?.debug?.reason;
    return { status: response.status, body, reason, retryAfter: response.headers.get("retry-after") };
  }

  /** The user's endpoints as they are stored. */
  async endpointsOf(user: string): Promise<Endpoint[]> {
    const { rows } = await stored(userNamed(objectName(this.arnOf(user))));
    return rows.filter((row) => row.state === "live");
  }

  /** Those of some users who have a device, and are ACTIVE. */
  async holders(deviceToken: string, among: readonly string[]): Promise<string[]> {
    const holding: string[] = [];
    for (const user of among) {
      const endpoints = await this.endpointsOf(user);
      if (endpoints.some((found) => found.deviceToken === deviceToken && found.inactiveSince === undefined)) {
        holding.push(user);
      }
    }
    return holding;
  }

  keyOf(deviceToken: string): string {
    return deviceKeys(this.arn)({ type: "GCM", resourceArn: RESOURCE_ARN, deviceToken });
  }

  shardOf(deviceToken: string): DurableObjectStub<Directory> {
    return shards.getByName(shardOf(this.keyOf(deviceToken)));
  }

  /** What the shard of a device has of it. */
  holdingsOf(deviceToken: string): Promise<Holding[]> {
    const device = this.keyOf(deviceToken);
    return runInDurableObject(this.shardOf(deviceToken), (_, { storage }) => holdingsOf(storage.kv, device));
  }

  /** Runs the alarm of a device's shard until it has nothing to do at this time. */
  async alarms(deviceToken: string): Promise<void> {
    for (let ran = true; ran; ) {
      const shard = this.shardOf(deviceToken);
      const at = await runInDurableObject(shard, (_, { storage }) => storage.getAlarm());
      ran = at !== null && at <= Date.now() && (await runDurableObjectAlarm(shard));
    }
  }

  #usersIn({ endpoints = [] }: Record<string, unknown>): string[] {
    return (endpoints as { appInstanceUserArn: string }[]).map(({ appInstanceUserArn }) =>
      appInstanceUserArn.slice(this.arnOf("").length),
    );
  }
}
