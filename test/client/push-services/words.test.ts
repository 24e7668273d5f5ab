import { describe, expect, it } from "vitest";
import { isUnrelated, verdictOf, WORDS } from "../../../src/client/push-services/words.ts";

// Written out once more, and not taken from the table: a word that moves there kills tokens or lets dead ones live.
const GONE = [
  ...["Unregistered", "ExpiredToken", "UNREGISTERED", "NotRegistered", "INVALID_DEVICE_TOKEN"],
  ...["registration-token-not-registered", "messaging/registration-token-not-registered"],
  ...["installation-id-not-registered", "messaging/installation-id-not-registered"],
];
const SUSPECT = [
  ...["BadDeviceToken", "InvalidRegistration", "NOT_FOUND", "SUSPECT_DEVICE_TOKEN"],
  ...["invalid-registration-token", "messaging/invalid-registration-token"],
];
const HARMLESS = [
  // What has killed live tokens elsewhere.
  ...["DeviceTokenNotForTopic", "TopicDisallowed", "BadTopic", "INVALID_ARGUMENT", "messaging/invalid-argument"],
  ...["SENDER_ID_MISMATCH", "messaging/mismatched-credential", "BadCertificateEnvironment", "PayloadTooLarge"],
  ...["TooManyRequests", "InternalServerError", "QUOTA_EXCEEDED", "UNAVAILABLE", "INTERNAL", "THIRD_PARTY_AUTH_ERROR"],
];
const UNKNOWN = [
  "",
  "NEWER",
  "BadDeviceTokens",
  "xUnregistered",
  "unregistered/messaging",
  "messaging/",
  " Unregistered",
];

const inEachCase = (words: readonly string[]) =>
  words.flatMap((word) => [word, word.toUpperCase(), word.toLowerCase()]);

describe("the push services' words", () => {
  it.each(inEachCase(GONE))("%s: the token is gone", (word) => expect(verdictOf(word)).toBe("gone"));

  it.each(inEachCase(SUSPECT))("%s: the token is suspect", (word) => expect(verdictOf(word)).toBe("suspect"));

  it.each([...inEachCase(HARMLESS), ...WORDS.unrelated])("%s: is known to say nothing of the token", (word) => {
    expect([verdictOf(word), isUnrelated(word)]).toEqual([undefined, true]);
  });

  it.each(UNKNOWN)("%j: is not known", (word) => {
    expect([verdictOf(word), isUnrelated(word)]).toEqual([undefined, false]);
  });

  it("mean something in no other case than these", () => {
    const plain = (words: readonly string[]) =>
      new Set(words.map((word) => word.toLowerCase().replace("messaging/", "")));
    expect(plain(WORDS.gone)).toEqual(plain(GONE));
    expect(plain(WORDS.suspect)).toEqual(plain(SUSPECT));
  });

  it("mean one thing each", () => {
    const all = Object.values(WORDS).flat();
    expect(new Set(all.map((word) => word.toLowerCase())).size).toBe(all.length);
  });
});
