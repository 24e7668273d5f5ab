import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { appInstanceOf, deviceKeys, instanceKey, SHARDS, shardOf } from "../../../src/worker/objects/device-key.ts";
import { RESOURCE_ARN, USER_ARN } from "../../support/requests.ts";

const INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/test";
const DEVICE = { type: "GCM", resourceArn: RESOURCE_ARN, deviceToken: "device-1" } as const;

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

describe("the name of a device", () => {
  it("never changes: what is stored under another is not found", () => {
    expect(deviceKeys(INSTANCE)(DEVICE)).toBe(
      "ZbfjumHF8Ga_AgYOmoZctM3_EHv055lZsvARwkop01Y/oi3Lh639SyrHiUpBVfi_Fa7GvJzEAFLUB3TH5CzGQa8",
    );
    expect(SHARDS).toBe("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
  });

  it("is a hash of the app instance, and one of a versioned array", () => {
    const array = `[1,"${INSTANCE}","GCM","${RESOURCE_ARN}","device-1"]`;
    expect(deviceKeys(INSTANCE)(DEVICE)).toBe(`${hash(INSTANCE)}/${hash(array)}`);
    expect(instanceKey(INSTANCE)).toBe(hash(INSTANCE));
  });

  it("says in 6 bits in which of 64 shards it is", () => {
    const bytes = createHash("sha256").update(`[1,"${INSTANCE}","GCM","${RESOURCE_ARN}","device-1"]`).digest();
    expect(SHARDS.indexOf(shardOf(deviceKeys(INSTANCE)(DEVICE)))).toBe((bytes[0] ?? 0) >> 2);
    const used = Array.from({ length: 1_000 }, (_, n) =>
      shardOf(deviceKeys(INSTANCE)({ ...DEVICE, deviceToken: `${n}` })),
    );
    expect(new Set(used)).toEqual(new Set(SHARDS));
  });

  it("is the same for APNs's hexadecimal in either case, and for nothing else", () => {
    const name = (type: "APNS" | "APNS_SANDBOX" | "GCM", deviceToken: string) =>
      deviceKeys(INSTANCE)({ ...DEVICE, type, deviceToken });
    expect(name("APNS", "00FF")).toBe(name("APNS", "00ff"));
    expect(name("APNS_SANDBOX", "00FF")).toBe(name("APNS_SANDBOX", "00ff"));
    expect(name("GCM", "00FF")).not.toBe(name("GCM", "00ff"));
    expect(name("APNS", "00FG")).not.toBe(name("APNS", "00fg"));
    expect(name("APNS", "00ff")).not.toBe(name("APNS_SANDBOX", "00ff"));
  });

  it("is another in another app instance", () => {
    expect(deviceKeys(`${INSTANCE}2`)(DEVICE)).not.toBe(deviceKeys(INSTANCE)(DEVICE));
  });
});

describe("the app instance of a user", () => {
  it("is what stands before the user", () => {
    expect(appInstanceOf(USER_ARN)).toBe(INSTANCE);
  });

  it("ends at the first user, whatever the user is called", () => {
    expect(appInstanceOf(`${INSTANCE}/user/a/user/b`)).toBe(INSTANCE);
  });

  it("is the whole of what has none", () => {
    expect(appInstanceOf("nothing")).toBe("nothing");
  });
});
