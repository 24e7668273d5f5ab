/** The push services of the story, and who sends to each: node-apn to a simulator of APNs, firebase-admin to what answers as Google documents. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { vi } from "vitest";
import { AppInstanceUserEndpointType } from "../../src/client/index.ts";
import type { ResolvedEndpoint } from "../../src/client/senders.ts";
import { firebaseSend, nodeApn } from "../senders/libraries.ts";
import { type Answer, serveFcm } from "../senders/push-services.ts";
import { SENDER, startApns } from "./programs.ts";

/** Devices are called by names, which stand for their tokens. */
export interface PushServices {
  tokenOf(device: string): string;
  deviceOf(token: string): string;
  /** To APNs a token is one of the app's, and not dead: it tells by itself what becomes of a push to it. */
  good(device: string): Promise<void>;
  dead(device: string, since: Date): Promise<void>;
  /** What FCM answers to a push to a device. */
  fcmAnswers(device: string, answer: Answer): void;
  /** Sends, prints what the push service received, and answers what came back, as the library gives it. */
  send(endpoint: ResolvedEndpoint): Promise<unknown>;
  /** What they received, in the order in which it came. */
  readonly received: readonly string[];
  stop(): Promise<void>;
}

export async function startPushServices(): Promise<PushServices> {
  const tokens = new Map<string, string>();
  const tokenOf = (device: string): string => {
    const token = tokens.get(device) ?? randomBytes(32).toString("hex");
    tokens.set(device, token);
    return token;
  };
  const named = (text: string) => [...tokens].reduce((told, [device, token]) => told.replaceAll(token, device), text);

  const apns = await startApns();
  const apnsSender = nodeApn(apns.port, { cert: readFileSync(SENDER.cert), key: readFileSync(SENDER.key) });

  const answers = new Map<string, Answer>();
  const fcmReceived: string[] = [];
  const fcm = await serveFcm((token) => {
    const answer = answers.get(token) ?? { status: 404 };
    fcmReceived.push(`${token}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  });
  const fcmSender = firebaseSend(fcm.port);

  const services = new Map([
    [AppInstanceUserEndpointType.APNS, { name: "APNs", sender: apnsSender, lines: apns.received }],
    [AppInstanceUserEndpointType.GCM, { name: "FCM", sender: fcmSender, lines: fcmReceived }],
  ]);
  const received: string[] = [];
  return {
    tokenOf,
    deviceOf: named,
    good: (device) => apns.good(tokenOf(device)),
    dead: (device, since) => apns.dead(tokenOf(device), since),
    fcmAnswers: (device, answer) => void answers.set(tokenOf(device), answer),
    received,
    async send({ type, deviceToken }) {
      const service = services.get(type);
      if (service === undefined) {
        throw new Error(`nobody sends to endpoints of type ${type}`);
      }
      const { name, sender, lines } = service;
      const before = lines.length;
      const answer = await sender.send(deviceToken);
      // The simulator tells of a push about when it answers it.
      await vi.waitUntil(() => lines.length > before, { timeout: 10_000 });
      for (const line of lines.slice(before)) {
        const told = `${name} received ${named(line)}`;
        received.push(told);
        console.log(`    ${told}`);
      }
      return answer;
    },
    async stop() {
      await Promise.all([apnsSender.close(), fcmSender.close()]);
      fcm.close();
      await apns.stop();
    },
  };
}
