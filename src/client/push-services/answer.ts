import { isUnrelated } from "./words.ts";

/** What a push service said of a push that it did not deliver. */
export interface Refusal {
  /** Its own word. */
  readonly reason: string;
  /** Since when the token is dead, in milliseconds, where it says so. */
  readonly since: number | undefined;
}

/**
 * Finds the push service's word in an answer, as it comes: its body, as text or parsed, by itself or with its status as
 * `{ status, body }`; an item of `failed` of @parse/node-apn; an error of apns2, or an item of its `sendMany`; an error of
 * firebase-admin, or a SendResponse. Undefined where there is none: success, a lost connection, a gateway's error page.
 *
 * What the push service sent is believed before what a library makes of it: firebase-admin calls each NOT_FOUND a token that is not
 * registered, and a wrong project's is none.
 */
export function refusalIn(answer: unknown): Refusal | undefined {
  if (typeof answer === "string") {
    return inBody(parsed(answer));
  }
  const { body, response, httpResponse, code, error } = membersOf(answer);
  const inside = typeof body === "string" ? parsed(body) : body;
  for (const candidate of [answer, inside, response, membersOf(httpResponse).data]) {
    const refusal = inBody(candidate);
    if (refusal !== undefined) {
      return refusal;
    }
  }
  if (typeof code === "string" && code.startsWith("messaging/")) {
    return { reason: code, since: undefined };
  }
  return error instanceof Object ? refusalIn(error) : undefined;
}

/** The token that an answer is about, where it says so: those of @parse/node-apn and of apns2 do. */
export function tokenOf(answer: unknown): string | undefined {
  const { device, notification, error } = membersOf(answer);
  const named = device ?? membersOf(notification).deviceToken ?? membersOf(membersOf(error).notification).deviceToken;
  return typeof named === "string" ? named : undefined;
}

/** Whether a word is worth reporting. One that is not known is: the server may be newer, and counts those that it does not know. */
export function isWorthReporting({ reason }: Refusal): boolean {
  return reason !== "" && !isUnrelated(reason);
}

function inBody(body: unknown): Refusal | undefined {
  const { reason, timestamp, error } = membersOf(body);
  if (typeof reason === "string") {
    return { reason, since: Number.isFinite(timestamp) ? Number(timestamp) : undefined };
  }
  const word = wordOfFcm(membersOf(error));
  return word === undefined ? undefined : { reason: word, since: undefined };
}

/** An INVALID_ARGUMENT says which member was meant in a detail of its own, and often not at all. */
function wordOfFcm({ status, details }: Members): string | undefined {
  const all = Array.isArray(details) ? details.map(membersOf) : [];
  const own = all.find(({ "@type": type }) => String(type).endsWith("google.firebase.fcm.v1.FcmError"))?.errorCode;
  const word = own ?? status;
  if (typeof word !== "string") {
    return undefined;
  }
  return word === "INVALID_ARGUMENT" && all.some(blamesToken) ? "SUSPECT_DEVICE_TOKEN" : word;
}

function blamesToken({ fieldViolations }: Members): boolean {
  const violations = Array.isArray(fieldViolations) ? fieldViolations.map(membersOf) : [];
  return violations.some(({ field }) => field === "message.token" || field === "message.fid");
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(value: unknown): Members {
  return value instanceof Object ? (value as Members) : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
