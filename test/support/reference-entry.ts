/** One endpoint of the reference, in its own words: see reference.ts. */
import type { Asked, Failed } from "./requests.ts";

const DAY_MS = 86_400_000;

/** What the push services say of a token that is dead, and of one that may be. All else is not about the token. */
const DEAD = [
  "unregistered",
  "expiredtoken",
  "notregistered",
  "registration-token-not-registered",
  "invalid_device_token",
];
const DOUBTFUL = ["baddevicetoken", "invalidregistration", "not_found", "suspect_device_token"];

export interface Entry {
  readonly id: string;
  /** The registration that is remembered: what a retry has to repeat. */
  asked: Asked;
  token: string;
  voip: string | undefined;
  name: string | undefined;
  allowMessages: "ALL" | "NONE";
  readonly createdAt: number;
  updatedAt: number;
  /** When its app last said, and that was noted, that the device has the token. */
  seenAt: number;
  deadSince?: number;
  doubtedAt?: number;
  /** When it was deregistered. */
  goneAt?: number;
}

/** What a push that failed does to an endpoint that has its token. */
export function lose(entry: Entry, { deviceToken, reason }: Failed, failedAt: number, now: number): string {
  return hasToken(entry, deviceToken)
    ? loseDevice(entry, wordOf(reason), failedAt, now)
    : loseVoip(entry, wordOf(reason), now);
}

function loseDevice(entry: Entry, word: string, failedAt: number, now: number): string {
  const doubtedAt = entry.doubtedAt ?? failedAt;
  if (!DEAD.includes(word) && !DOUBTFUL.includes(word)) {
    return "REASON_IGNORED";
  }
  if (entry.deadSince !== undefined) {
    return "DEACTIVATED";
  }
  if (DOUBTFUL.includes(word) && Math.abs(doubtedAt - failedAt) < DAY_MS) {
    entry.doubtedAt = doubtedAt;
    return "SUSPECTED";
  }
  entry.deadSince = now;
  entry.updatedAt = Math.max(entry.updatedAt, now);
  delete entry.doubtedAt;
  return "DEACTIVATED";
}

function loseVoip(entry: Entry, word: string, now: number): string {
  if (!DEAD.includes(word)) {
    return "REASON_IGNORED";
  }
  entry.voip = undefined;
  entry.updatedAt = Math.max(entry.updatedAt, now);
  return "VOIP_TOKEN_REMOVED";
}

/** What an app says of its endpoint; undefined where it says nothing. */
export interface Says {
  readonly token?: string | undefined;
  readonly voip?: string | undefined;
  readonly name?: string | undefined;
  readonly allowMessages?: "ALL" | "NONE" | undefined;
}

/** Takes over what is said, and answers whether any of it is news. */
export function set(entry: Entry, { token, voip, name, allowMessages }: Says): boolean {
  const before = JSON.stringify(entry);
  entry.token = token ?? entry.token;
  entry.voip = voip ?? entry.voip;
  entry.name = name ?? entry.name;
  entry.allowMessages = allowMessages ?? entry.allowMessages;
  return JSON.stringify(entry) !== before;
}

/** Google's libraries put a prefix before theirs. */
function wordOf(reason: string): string {
  const word = reason.toLowerCase();
  return word.startsWith("messaging/") ? word.slice("messaging/".length) : word;
}

export function stateOf({ deadSince }: Entry): string {
  return deadSince === undefined ? "ACTIVE" : "INACTIVE";
}

export function isForgotten({ goneAt }: Entry, now: number): boolean {
  return goneAt !== undefined && now >= goneAt + DAY_MS;
}

/** Whether an endpoint is the device that has a token in an app. */
export function isDevice(entry: Entry, { type, resourceArn }: Asked, token: string): boolean {
  return entry.asked.type === type && entry.asked.resourceArn === resourceArn && hasToken(entry, token);
}

export function hasToken(entry: Entry, token: string): boolean {
  return isSameToken(entry.asked.type, entry.token, token);
}

export function hasVoipToken({ asked: { type }, voip }: Entry, token: string): boolean {
  return voip !== undefined && isSameToken(type, voip, token);
}

function isSameToken(type: Asked["type"], a: string, b: string): boolean {
  // Apple's are hexadecimal, and mean the same in either case.
  const isApples = type !== "GCM" && !/[^0-9a-fA-F]/.test(a + b);
  return isApples ? a.toUpperCase() === b.toUpperCase() : a === b;
}

/** Letter by letter, also where another spelling would be the same device. */
export function meansTheSame(a: Asked, b: Asked): boolean {
  return (
    a.type === b.type &&
    a.resourceArn === b.resourceArn &&
    a.endpointAttributes.deviceToken === b.endpointAttributes.deviceToken &&
    a.endpointAttributes.voipDeviceToken === b.endpointAttributes.voipDeviceToken &&
    a.name === b.name &&
    (a.allowMessages ?? "ALL") === (b.allowMessages ?? "ALL")
  );
}
