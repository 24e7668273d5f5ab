/** Everyone in the story: phones and a backend that call by boto3, examples/sender with its push services, and whoever receives events. */
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import { AppInstanceUserEndpointType, createRollcallClient } from "../../src/client/index.ts";
import { FailureEffect, type ResolvedEndpoint, reportFailures, resolveEndpoints } from "../../src/client/senders.ts";
import { startSender } from "../senders/sender-service.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { SECRET } from "../support/receiver.ts";
import { receiver } from "../support/receiving.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { startBoto3 } from "./programs.ts";
import { startPushServices } from "./push-services.ts";

type Type = "APNS" | "GCM";

/** What came of a push to a user. */
interface Pushed {
  /** What the sender answered, by device: "sent", or why not and what the report of that did. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** What the push services received. */
  readonly received: readonly string[];
}

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** `limits` are variables of the server's. */
export async function setStage(limits: Record<string, string> = {}) {
  const services = await startPushServices();
  const { tokenOf, deviceOf } = services;
  const events = await receiver();
  const variables = { SAME_DEVICE: "adopt", DEVICES: "move", EVENTS_URL: events.url };
  const server = await startTemporaryWorkerd(WORKER_BUNDLE, {
    variables: { ...variables, ...limits, EVENTS_SECRETS: JSON.stringify([SECRET]) },
  });
  const boto3 = startBoto3(server.url);
  const rollcall = createRollcallClient({ baseUrl: server.url, credentials: LOCAL_CREDENTIALS });
  const instance = `arn:aws:chime:us-east-1:123456789012:app-instance/${crypto.randomUUID()}`;
  const arnOf = (user: string) => `${instance}/user/${user}`;
  const sender = await startSender({ ...services.surroundings, rollcallUrl: server.url, appInstanceArn: instance });
  /** Which device an endpoint is. */
  const devices = new Map<string, string>();
  let pushes = 0;

  async function resolve(user: string): Promise<readonly ResolvedEndpoint[]> {
    const endpoints: ResolvedEndpoint[] = [];
    for await (const resolution of resolveEndpoints(rollcall, [arnOf(user)])) {
      if (resolution.kind === "unresolved") {
        throw new Error(resolution.error.errorMessage);
      }
      endpoints.push(...resolution.endpoints);
    }
    return endpoints;
  }

  return {
    arnOf,
    events,
    services,
    sender,
    rollcall,
    url: server.url,

    /** By boto3, as all that AWS has. Answers the endpoint's id. */
    async register(user: string, type: Type, device: string): Promise<unknown> {
      const { EndpointId } = await boto3.call("RegisterAppInstanceUserEndpoint", {
        AppInstanceUserArn: arnOf(user),
        Type: type,
        ResourceArn: RESOURCE_ARN,
        EndpointAttributes: { DeviceToken: tokenOf(device) },
      });
      devices.set(String(EndpointId), device);
      return EndpointId;
    },
    async stateOf(user: string, id: unknown): Promise<unknown> {
      const names = { AppInstanceUserArn: arnOf(user), EndpointId: id };
      const { AppInstanceUserEndpoint: endpoint } = await boto3.call("DescribeAppInstanceUserEndpoint", names);
      return (endpoint as { EndpointState: unknown }).EndpointState;
    },
    erase: (user: string) => boto3.call("DeleteAppInstanceUser", { AppInstanceUserArn: arnOf(user) }),

    /** By the client package, as all that AWS has not. */
    async rotate(user: string, id: unknown, device: string): Promise<void> {
      await rollcall.updateAppInstanceUserEndpoint({
        appInstanceUserArn: arnOf(user),
        endpointId: String(id),
        endpointAttributes: { deviceToken: tokenOf(device) },
      });
      devices.set(String(id), device);
    },
    async resolved(user: string): Promise<string[]> {
      return (await resolve(user)).map(({ deviceToken }) => deviceOf(deviceToken));
    },
    async holdersOf(type: Type, device: string): Promise<string[]> {
      const { endpoints } = await rollcall.lookupAppInstanceUserEndpoints({
        appInstanceArn: instance,
        type: AppInstanceUserEndpointType[type],
        resourceArn: RESOURCE_ARN,
        deviceToken: tokenOf(device),
      });
      return endpoints.map(({ appInstanceUserArn }) => appInstanceUserArn.slice(arnOf("").length));
    },
    /** To all devices of a user, by examples/sender. */
    async push(user: string, message: object = {}): Promise<Pushed> {
      pushes += 1;
      const request = { id: `push-${pushes}`, users: [user], message: { title: "Hi", ...message } };
      const [result] = (await sender.push(request)).users;
      const all = result?.devices ?? [];
      const received = (await services.receives(all.length)).map((line) => line.replace(/ id [0-9a-f-]{36}/, ""));
      for (const line of received) {
        console.log(`    ${line}`);
      }
      const outcomes = all.map(({ endpointId, outcome, reason, effect }) => {
        return [devices.get(endpointId), [outcome, reason, effect].filter((word) => word !== undefined).join(" ")];
      });
      return { outcomes: Object.fromEntries(outcomes), received };
    },
    resolve,
    /** What the server makes of a push service's word about a device, said by whoever sent to it themselves. */
    async report(sentTo: ResolvedEndpoint, answer: unknown, sentAt = new Date()): Promise<string> {
      for await (const report of reportFailures(rollcall, [{ sentTo, sentAt, answer }])) {
        return report.kind === "reported" ? FailureEffect[report.effect] : report.kind;
      }
      throw new Error("nothing is told of the report");
    },
    /** The same of a word that the client package keeps to itself. */
    async judge(reason: string, { appInstanceUserArn, endpointId, deviceToken }: ResolvedEndpoint): Promise<string> {
      const timestamp = timestampFromDate(new Date());
      const failures = [{ appInstanceUserArn, endpointId, deviceToken, reason, timestamp }];
      const { results } = await rollcall.reportAppInstanceUserEndpointFailures({ failures });
      return FailureEffect[results[0]?.effect ?? FailureEffect.UNSPECIFIED];
    },

    async stop(): Promise<void> {
      await sender.stop();
      await Promise.all([services.stop(), boto3.stop(), server.stop()]);
      await events.close();
    },
  };
}
