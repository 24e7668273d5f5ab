/**
 * What the push services' own words say of a device token. Which words to believe is where senders went wrong before: a payload
 * that was refused, or a certificate, has killed the tokens of whole apps. So each word stands here, once, and what does not stand
 * here says nothing of the token.
 *
 * Sources: developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns,
 * firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode, and what firebase-admin makes of that
 * (firebase.google.com/docs/cloud-messaging/error-codes); the older words are those of FCM's HTTP protocol before v1.
 */

/** `gone`: the token is dead. `suspect`: it may be, or it was sent to the wrong environment. */
export type Verdict = "gone" | "suspect";

const VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  // APNs, status 410.
  ["unregistered", "gone"], // FCM's too, status 404
  ["expiredtoken", "gone"],
  // FCM before v1.
  ["notregistered", "gone"],
  // firebase-admin.
  ["registration-token-not-registered", "gone"],
  // A sender that knows better: the word of AWS's EndpointStatusReason.
  ["invalid_device_token", "gone"],
  // APNs, status 400: garbage, or a token of the other environment.
  ["baddevicetoken", "suspect"],
  // FCM before v1.
  ["invalidregistration", "suspect"],
  // FCM, status 404 without a word of its own; what Python's firebase_admin calls UNREGISTERED.
  ["not_found", "suspect"],
  // A sender that reads in an INVALID_ARGUMENT that the token was meant.
  ["suspect_device_token", "suspect"],
]);

/** What a word says of the token; undefined where it says nothing. In whichever case, and as firebase-admin puts it. */
export function verdictOf(reason: string): Verdict | undefined {
  return VERDICTS.get(reason.toLowerCase().replace(/^messaging\//, ""));
}
