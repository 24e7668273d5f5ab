import { createHash } from "node:crypto";
import { tokenNameOf } from "../core/same-device.ts";
import type { DeviceKeys } from "../model/tells.ts";

/**
 * The names of devices within one app instance: a device never moves between two, for no policy lets a caller of one touch the
 * users of another. Devices that are one for a user (same-device) have one name.
 *
 * The version in front names the array. Neither may ever change: what is stored under another name is not found.
 */
export function deviceKeys(appInstanceArn: string): DeviceKeys {
  const instance = instanceKey(appInstanceArn);
  // A call asks for a device's name several times, and a hash is the dearest of what it does for it.
  const known = new Map<string, string>();
  return (device) => {
    const { type, resourceArn } = device;
    const array = JSON.stringify([1, appInstanceArn, type, resourceArn, tokenNameOf(device)]);
    const key = known.get(array) ?? `${instance}/${sha256(array)}`;
    known.set(array, key);
    return key;
  };
}

/** The names of the Directory's objects, which may never change: the digits of base64url. */
export const SHARDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The part of a name by which it is found which of the Directory's objects knows the device: 6 bits of its hash. */
export function shardOf(deviceKey: string): string {
  return deviceKey.charAt(deviceKey.indexOf("/") + 1);
}

/** The ARN of the app instance that a user belongs to: what stands before the user. */
export function appInstanceOf(userArn: string): string {
  const end = userArn.indexOf("/user/");
  return end < 0 ? userArn : userArn.slice(0, end);
}

/** What all devices of an app instance are named by in the first place. */
export function instanceKey(appInstanceArn: string): string {
  if (last?.appInstanceArn !== appInstanceArn) {
    last = { appInstanceArn, key: sha256(appInstanceArn) };
  }
  return last.key;
}

/** Most apps have one instance. */
let last: { readonly appInstanceArn: string; readonly key: string } | undefined;

/** The name of a user among those of devices, by which a shard is found that hears of the user. */
export function userKey(userArn: string): string {
  return `${instanceKey(appInstanceOf(userArn))}/${sha256(userArn)}`;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
