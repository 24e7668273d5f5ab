/**
 * What the push services' own words say of a device token. Which words to believe is where senders went wrong before: a payload
 * that was refused, or a certificate, has killed the tokens of whole apps. So each word stands here, once. One that does not stand
 * here says nothing of the token.
 *
 * Sources, read in November 2026:
 * APNs: developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns
 * FCM: firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode, and github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
 * FCM's HTTP protocol before v1: what firebase-admin still maps (MESSAGING_SERVER_TO_CLIENT_CODE)
 * firebase-admin: its MessagingErrorCode, version 14
 */

/** `gone`: the token is dead. `suspect`: it may be, or it was sent to the wrong environment. */
export type Verdict = "gone" | "suspect";

/** The words by what they say. Each is compared without case, and without firebase-admin's "messaging/". */
export const WORDS = {
  gone: [
    // APNs, status 410; the first is FCM's too, status 404.
    ...["Unregistered", "ExpiredToken"],
    // FCM before v1.
    "NotRegistered",
    // firebase-admin: of a registration token, and of an installation id (FID), which FCM takes in its place.
    ...["registration-token-not-registered", "installation-id-not-registered"],
    // A sender that knows better: the word of AWS's EndpointStatusReason.
    "INVALID_DEVICE_TOKEN",
  ],
  suspect: [
    // APNs, status 400: garbage, or a token of the other environment.
    "BadDeviceToken",
    // FCM before v1, and what firebase-admin makes of it.
    ...["InvalidRegistration", "invalid-registration-token"],
    // FCM, status 404 without a word of its own, which a wrong project has too; what Python's firebase_admin makes of UNREGISTERED.
    "NOT_FOUND",
    // A sender that reads in an INVALID_ARGUMENT that the token was meant.
    "SUSPECT_DEVICE_TOKEN",
  ],
  /** Known, and about something else: the payload, the topic, the sender's credentials, the rate, the push service itself. */
  unrelated: [
    // APNs, status 400. DeviceTokenNotForTopic and TopicDisallowed are the sender's configuration, not the token.
    ...["BadCollapseId", "BadExpirationDate", "BadMessageId", "BadPriority", "BadTopic", "DeviceTokenNotForTopic"],
    ...["DuplicateHeaders", "IdleTimeout", "InvalidPushType", "MissingDeviceToken", "MissingTopic", "PayloadEmpty"],
    "TopicDisallowed",
    // APNs, status 403.
    ...[
      "BadCertificate",
      "BadCertificateEnvironment",
      "BadEnvironmentKeyIdInToken",
      "ExpiredProviderToken",
      "Forbidden",
    ],
    ...["InvalidProviderToken", "InvalidSigningKey", "MissingProviderToken", "UnrelatedKeyIdInToken"],
    // APNs, status 404, 405, 413, 429, 500 and 503; the last is apns2's own, for a body that is no JSON.
    ...["BadPath", "MethodNotAllowed", "PayloadTooLarge", "TooManyProviderTokenUpdates", "TooManyRequests"],
    ...["InternalServerError", "ServiceUnavailable", "Shutdown", "UnknownError"],
    // FCM. INVALID_ARGUMENT is said of tokens and of payloads alike.
    ...["INVALID_ARGUMENT", "SENDER_ID_MISMATCH", "QUOTA_EXCEEDED", "THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR"],
    ...["UNSPECIFIED_ERROR", "PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"],
    ...["INTERNAL", "UNAVAILABLE"],
    // firebase-admin.
    ...["invalid-argument", "invalid-recipient", "invalid-payload", "invalid-data-payload-key", "invalid-options"],
    ...["payload-size-limit-exceeded", "mismatched-credential", "invalid-package-name", "message-rate-exceeded"],
    ...["device-message-rate-exceeded", "topics-message-rate-exceeded", "third-party-auth-error"],
    ...["authentication-error", "server-unavailable", "internal-error", "unknown-error"],
  ],
} as const;

const MEANINGS: ReadonlyMap<string, keyof typeof WORDS> = new Map(
  (["gone", "suspect", "unrelated"] as const).flatMap((meaning) =>
    WORDS[meaning].map((word) => [word.toLowerCase(), meaning] as const),
  ),
);

/** What a word says of the token; undefined where it says nothing, or is not known. */
export function verdictOf(reason: string): Verdict | undefined {
  const meaning = meaningOf(reason);
  return meaning === "unrelated" ? undefined : meaning;
}

/** Whether a word is known to say nothing of the token. A word that is not known may be newer than this table. */
export function isUnrelated(reason: string): boolean {
  return meaningOf(reason) === "unrelated";
}

function meaningOf(reason: string): keyof typeof WORDS | undefined {
  return MEANINGS.get(reason.toLowerCase().replace(/^messaging\//, ""));
}
