import type { Endpoint } from "../model/endpoint.ts";

/** What tells a user's devices apart. */
export type Device = Pick<Endpoint, "type" | "resourceArn" | "deviceToken">;

/**
 * Whether two are one device. APNs takes its tokens, which are hexadecimal, in either case, and apps have changed from one
 * to the other: the user would get each push twice. What was sent is kept as it is, so a fingerprint goes by each character:
 * whoever is told that a request is a replay finds the very token of that request.
 */
export function isSameDevice(a: Device, b: Device): boolean {
  return a.type === b.type && a.resourceArn === b.resourceArn && tokenNameOf(a) === tokenNameOf(b);
}

/** What a device token is known by. */
export function tokenNameOf({ type, deviceToken }: Device): string {
  const isHexadecimal = (type === "APNS" || type === "APNS_SANDBOX") && /^[\da-f]+$/i.test(deviceToken);
  return isHexadecimal ? deviceToken.toLowerCase() : deviceToken;
}
