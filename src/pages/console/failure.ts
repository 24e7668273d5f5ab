/** A failure of a push to be reported: which words there are to choose from, and what each effect means. */
import { verdictOf, WORDS } from "../../client/push-services/words.ts";
import { FailureEffect } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Particulars } from "./roll.ts";

/** A report that is being written. */
export interface FailureDraft {
  /** Absent: the first endpoint. */
  readonly endpointId?: string;
  readonly token: Token;
  /** What was typed as another token. */
  readonly otherToken: string;
  /** One of the words to choose from; empty: what was typed as another. */
  readonly word: string;
  readonly otherWord: string;
  /** As a field for dates has it, on the reader's clock; empty: now. */
  readonly at: string;
}

export type Token = "device" | "voip" | "other";

export const NO_FAILURE: FailureDraft = {
  token: "device",
  otherToken: "",
  word: "Unregistered",
  otherWord: "",
  at: "",
};

/** The words of push services by what they say. Of those that say nothing of a token, the ones that senders meet most. */
export const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "The token is dead": WORDS.gone,
  "The token may be dead": WORDS.suspect,
  "Not about the token": [
    ...["DeviceTokenNotForTopic", "PayloadTooLarge", "ExpiredProviderToken", "TooManyRequests"],
    ...["INVALID_ARGUMENT", "SENDER_ID_MISMATCH", "QUOTA_EXCEEDED", "UNAVAILABLE"],
  ],
};

/** What a word will do to an endpoint that has the token. */
export function foretold(word: string, isVoip: boolean): string {
  const verdict = verdictOf(word);
  if (isVoip) {
    return verdict === "gone"
      ? "Removes the VoIP token, and nothing else."
      : "Changes nothing: of a VoIP token only a word that it is dead counts.";
  }
  switch (verdict) {
    case "gone":
      return "Makes the endpoint INACTIVE at once.";
    case "suspect":
      return "Makes it INACTIVE only if two pushes fail like this, 24 hours apart.";
    case undefined:
      return "Changes nothing: it says nothing of the token.";
  }
}

/** What a failure did, in plain words. */
export const EFFECTS: Readonly<Record<FailureEffect, string>> = {
  [FailureEffect.UNSPECIFIED]: "The server did not say.",
  [FailureEffect.DEACTIVATED]: "The token is dead. Nothing is sent to this endpoint until its app is launched again.",
  [FailureEffect.SUSPECTED]:
    "Noted. Pushes still go to it. It becomes INACTIVE if a push 24 hours earlier or later fails like this too.",
  [FailureEffect.VOIP_TOKEN_REMOVED]: "The VoIP token is removed. Other pushes still go to the endpoint.",
  [FailureEffect.TOKEN_REPLACED]: "Nothing changed: the endpoint has another token by now.",
  [FailureEffect.CONFIRMED_SINCE]: "Nothing changed: the app has named the token since.",
  [FailureEffect.REASON_IGNORED]: "Nothing changed: this word says nothing of the token.",
  [FailureEffect.NOT_FOUND]: "There is no such endpoint any more.",
};

/** Of an endpoint's tokens the one that is meant; undefined where it has none such. */
export function tokenMeant({ token, otherToken }: FailureDraft, known: Particulars | undefined): string | undefined {
  const { deviceToken, voipDeviceToken } = known?.endpointAttributes ?? {};
  return { device: deviceToken, voip: voipDeviceToken, other: otherToken }[token];
}

export function wordMeant({ word, otherWord }: FailureDraft): string {
  return word === "" ? otherWord.trim() : word;
}

/** When the push was sent, in milliseconds since 1970. */
export function timeMeant({ at }: FailureDraft): number {
  return at === "" ? Date.now() : new Date(at).getTime();
}

/** A moment as a field for dates has it. */
export function fieldOf(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
