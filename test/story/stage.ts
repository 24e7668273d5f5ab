/** Everyone in the story: phones and a backend that call by boto3, a sender with its push services, and whoever receives events. */
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import { AppInstanceUserEndpointType, createRollcallClient } from "../../src/client/index.ts";
import {
  type AnsweredPush,
  FailureEffect,
  type ResolvedEndpoint,
  reportFailures,
  resolveEndpoints,
} from "../../src/client/senders.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { SECRET } from "../support/receiver.ts";
import { receiver } from "../support/receiving.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { startBoto3 } from "./programs.ts";
import { startPushServices } from "./push-services.ts";

type Type = "APNS" | "GCM";

/** A push to a device, by its name. */
interface Pushed extends AnsweredPush {
  readonly device: string;
}

export type Stage = Awaited<ReturnType<typeof setStage>>;

export async function setStage() {
  const services = await startPushServices();
  const { tokenOf, deviceOf } = services;
  const events = await receiver();
  const variables = { SAME_DEVICE: "adopt", DEVICES: "move", EVENTS_URL: events.url };
  const server = await startTemporaryWorkerd(WORKER_BUNDLE, {
    variables: { ...variables, EVENTS_SECRETS: JSON.stringify([SECRET]) },
  });
  const boto3 = startBoto3(server.url);
  const rollcall = createRollcallClient({ baseUrl: server.url, credentials: LOCAL_CREDENTIALS });
  const instance = `arn:aws:chime:us-east-1:123456789012:app-instance/${crypto.randomUUID()}`;
  const arnOf = (user: string) => `${instance}/user/${user}`;

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

    /** By boto3, as all that AWS has. Answers the endpoint's id. */
    async register(user: string, type: Type, device: string): Promise<unknown> {
      const { EndpointId } = await boto3.call("RegisterAppInstanceUserEndpoint", {
        AppInstanceUserArn: arnOf(user),
        Type: type,
        ResourceArn: RESOURCE_ARN,
        EndpointAttributes: { DeviceToken: tokenOf(device) },
      });
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
    /** To all devices of a user, one after the other. */
    async push(user: string): Promise<Pushed[]> {
      const pushes: Pushed[] = [];
      for (const sentTo of await resolve(user)) {
        const sentAt = new Date();
        pushes.push({ sentTo, sentAt, device: deviceOf(sentTo.deviceToken), answer: await services.send(sentTo) });
      }
      return pushes;
    },
    /** What became of each push, by its device. */
    async report(pushes: readonly Pushed[]): Promise<Record<string, string>> {
      const told: Record<string, string> = {};
      for await (const report of reportFailures(rollcall, pushes)) {
        told[report.push.device] = report.kind === "reported" ? FailureEffect[report.effect] : report.kind;
      }
      return told;
    },
    /** What the server makes of a word that the client package keeps to itself. */
    async judge(reason: string, { sentTo, sentAt }: Pushed): Promise<string | undefined> {
      const { appInstanceUserArn, endpointId, deviceToken } = sentTo;
      const failure = { appInstanceUserArn, endpointId, deviceToken, reason, timestamp: timestampFromDate(sentAt) };
      const { results } = await rollcall.reportAppInstanceUserEndpointFailures({ failures: [failure] });
      return results[0] && FailureEffect[results[0].effect];
    },

    async stop(): Promise<void> {
      await Promise.all([services.stop(), boto3.stop(), server.stop()]);
      await events.close();
    },
  };
}
