/** The push services of the story: a simulator of APNs, and an FCM that answers as Google documents. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { startGoogle } from "../senders/google.ts";
import type { Behaviour, FcmMessage } from "../senders/push-services.ts";
import { type Apns, startApns } from "./programs.ts";

/** Devices are called by names, which stand for their tokens. */
export interface PushServices {
  tokenOf(device: string): string;
  deviceOf(token: string): string;
  /** To APNs a token is one of the app's, and not dead: it tells by itself what becomes of a push to it. */
  good(device: string): Promise<void>;
  dead(device: string, since: Date): Promise<void>;
  readonly apnsRefuses: Apns["refuse"];
  /** What FCM answers to a push to a device. */
  fcmAnswers(device: string, answer: Behaviour): void;
  /** What FCM answers to the next pushes, so many, whatever they are. */
  fcmRefuses(pushes: number, answer: Behaviour): void;
  /** What a sender is started with. */
  readonly surroundings: { readonly apnsPort: number; readonly folder: string; readonly env: Record<string, string> };
  /** What was received since this was asked last, once that is so much; sorted, because nobody says which of two comes first. */
  receives(pushes: number): Promise<string[]>;
  stop(): Promise<void>;
}

const DELIVERED: Behaviour = { status: 200, body: { name: "projects/demo/messages/1" } };

export async function startPushServices(): Promise<PushServices> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-story-"));
  const tokens = new Map<string, string>();
  const tokenOf = (device: string): string => {
    const token = tokens.get(device) ?? randomBytes(32).toString("hex");
    tokens.set(device, token);
    return token;
  };
  const named = (text: string) => [...tokens].reduce((told, [device, token]) => told.replaceAll(token, device), text);

  const apns = await startApns(folder);
  const answers = new Map<string, Behaviour>();
  const refusals: Behaviour[] = [];
  const fcmReceived: string[] = [];
  const google = await startGoogle(folder, (token, message) => {
    const answer = refusals.shift() ?? answers.get(token) ?? DELIVERED;
    fcmReceived.push(`${token} ${told(message)}: ${outcome(answer)}`);
    return answer;
  });

  let seen = { apns: 0, fcm: 0 };
  return {
    tokenOf,
    deviceOf: named,
    good: (device) => apns.good(tokenOf(device)),
    dead: (device, since) => apns.dead(tokenOf(device), since),
    apnsRefuses: apns.refuse,
    fcmAnswers: (device, answer) => void answers.set(tokenOf(device), answer),
    fcmRefuses: (pushes, answer) => void refusals.push(...Array(pushes).fill(answer)),
    surroundings: { apnsPort: apns.port, folder, env: google.env },
    async receives(pushes) {
      const received = () => [
        ...apns.received.slice(seen.apns).map((line) => `APNs received ${named(line)}`),
        ...fcmReceived.slice(seen.fcm).map((line) => `FCM received ${named(line)}`),
      ];
      // The simulator tells of a push about when it answers it.
      await expect.poll(() => received().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(pushes);
      const lines = received().toSorted();
      seen = { apns: apns.received.length, fcm: fcmReceived.length };
      return lines;
    },
    async stop() {
      google.close();
      await apns.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function told({ notification, data, android }: FcmMessage): string {
  return JSON.stringify({ notification, data, android });
}

function outcome(answer: Behaviour): string {
  return answer === "lost" ? "the connection is lost" : `${answer.status} ${JSON.stringify(answer.body)}`;
}
