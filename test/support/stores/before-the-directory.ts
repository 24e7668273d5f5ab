import { NOW } from "../rows.ts";
import type { Store } from "./store.ts";

const MINUTE_MS = 60_000;

const RESOURCE_ARN = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/test";

/** What 880a682 wrote, the last commit whose register neither knew of tokens that fail nor had a Directory. */
export const beforeTheDirectory: Store = {
  appInstance: "before-the-directory",
  users: {
    alice: {
      rows: {
        "endpoint/01a3185c-5000-7743-b91a-910ca3bb39ab": {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "phone",
          allowMessages: "ALL",
          clientRequestToken: "alice-phone",
          fingerprint: "1:Ek4oxtQF2Z-V9ZoAwqsqsKTuDrGCeHD2w-22yAofLlw",
          createdAt: NOW,
          lastUpdatedAt: NOW,
        },
        "endpoint/01a3185d-3a60-7401-b605-f9b320e7fe27": {
          version: 1,
          state: "live",
          type: "APNS",
          resourceArn: RESOURCE_ARN,
          deviceToken: "a1b2c3",
          voipDeviceToken: "d4e5f6",
          name: "",
          allowMessages: "NONE",
          clientRequestToken: "alice-a1b2c3",
          fingerprint: "1:ZkFa7wQNON7kA1LunAZKzJUc1kqMB6jy94Z_EV_I44o",
          createdAt: NOW + MINUTE_MS,
          lastUpdatedAt: NOW + MINUTE_MS,
        },
        // It was named by an update.
        "endpoint/01a3185e-24c0-70ff-9487-87160aa20084": {
          version: 1,
          state: "live",
          type: "APNS_SANDBOX",
          resourceArn: RESOURCE_ARN,
          deviceToken: "tablet",
          allowMessages: "ALL",
          clientRequestToken: "alice-tablet",
          fingerprint: "1:Bd1fpPiwrm2bNesKcue6TKYDPLL4P4k99EmcQOvNa28",
          createdAt: NOW + 2 * MINUTE_MS,
          lastUpdatedAt: NOW + 3 * MINUTE_MS,
          name: "é😀",
        },
        "endpoint/01a3185f-f980-72e7-9ca6-a999de01a7dd": {
          version: 1,
          state: "deregistered",
          clientRequestToken: "alice-lost",
          expiresAt: NOW + 1_445 * MINUTE_MS,
        },
      },
      alarm: NOW + 1_445 * MINUTE_MS,
    },
    // With the phone that is Alice's too.
    bob: {
      rows: {
        "endpoint/01a31865-77c0-71b4-ac7f-f4b47bba656e": {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "phone",
          allowMessages: "ALL",
          clientRequestToken: "bob-phone",
          fingerprint: "1:Ek4oxtQF2Z-V9ZoAwqsqsKTuDrGCeHD2w-22yAofLlw",
          createdAt: NOW + 10 * MINUTE_MS,
          lastUpdatedAt: NOW + 12 * MINUTE_MS,
        },
      },
    },
    carol: {
      rows: {
        "endpoint/01a3186e-9f80-72b9-a9af-e61cf22f85c6": {
          version: 1,
          state: "deregistered",
          clientRequestToken: "carol-carols",
          expiresAt: NOW + 1_461 * MINUTE_MS,
        },
      },
      alarm: NOW + 1_461 * MINUTE_MS,
    },
    // As long as everything may be.
    long: {
      rows: {
        "endpoint/01a31877-c740-700e-ad50-5ec168e20ced": {
          version: 1,
          state: "live",
          type: "APNS",
          resourceArn: "arn:aws:mobiletargeting:us-east-1:123456789012:".padEnd(1_071, "x"),
          deviceToken: "d".repeat(1_600),
          voipDeviceToken: "v".repeat(1_600),
          name: "n".repeat(1_600),
          allowMessages: "ALL",
          clientRequestToken: "r".repeat(64),
          fingerprint: "1:wJqOiIsinU9bjY85e-EBLsP10-WqR_E2UKIBeVeqgBk",
          createdAt: NOW + 30 * MINUTE_MS,
          lastUpdatedAt: NOW + 30 * MINUTE_MS,
        },
      },
    },
  },
  shards: {},
};
