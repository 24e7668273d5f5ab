import { NOW } from "../rows.ts";
import type { Store } from "./store.ts";

const ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/with-the-directory";
const RESOURCE_ARN = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/test";
const arnOf = (user: string) => `${ARN}/user/${user}`;
const minute = (minutes: number) => NOW + minutes * 60_000;

// The endpoints.
export const ALICES_PHONE = "01a3185c-5000-73ab-a591-4f123f5dbd54";
export const ALICES_TABLET = "01a3185d-3a60-779c-b438-5124c1eca40d";
export const ALICES_WATCH = "01a3185f-0f20-7213-ad2d-13d07fd99e76";
const BOBS_PHONE = "01a31860-e3e0-7313-891e-e1743ebee464";
export const BOBS_GONE = "01a31861-ce40-7135-9a18-89f99db90141";
const CAROLS_DESK = "01a31864-8d60-74ad-8e99-0cdf641577b2";
const DAVES_DESK = "01a31865-77c0-76f2-8db9-83424dd50b66";
const ERINS_PHONE = "01a31893-3e80-70b2-b8fc-1f7ee7e990f4";

// Hashes of the app instance, of devices and of users.
const device = (hash: string) => `8VxZWYDHck8ytNfjnmsoex51KjlV0Kzji07qy7ULCB4/${hash}`;
const PHONE = "IBDAPd5vbLGxE0N5QXVOOIAlf6FXdVE6-PbWz4uR8Pw";
const TABLET = "IAFMQbRQmgLLFJGpReLv6ZA_SZ-Mm3qNo-NuVWP1tW4";
const NEXT_TABLET = "9wbu_U5pL69mp7TdwwdIIJ5RcgeAv3_bAq-zeTkz6Ik";
const WATCH = "o2OJjPs06-7jQEmS9Rtkr1QOxUJh6B2PkTWfwnkdtL0";
const GONE = "P-YPYH5kXDvQbhRIVUg3dMEeAz1-Un3TPAzVTtX-Qa0";
const NEXT_GONE = "DjjavJFnekzVFuoOV8huLRQ04CO-1qpiZqi0rC5Xy6U";
const DESK = "vY4uuSdCeMiSjkfJ8scmTkbd49-72v6y5uEz26aSp_A";
const AHEAD = "7f0JttD6Q7HAigBUcwRY2AXEnkieXmAkbNsZ5M6ZSdg";
const ALICE = "i5QhuiZt4WEXlHd3DFv37sz2JnX52YVDb0YV8C2ftGI";
const BOB = "o83VRdO4_Fu4wrTgoxqLEJIJ3Qshhlw-t5fXlDwGXkY";
const CAROL = "RjGYQMDtNVNrb4DBBf0zNOv8qN3VfoqsnDoswE5HsNQ";
const DAVE = "PUwnT3Yv1AtVbxizhTpybjiUVWywHcAcHaMg6Iv_WUg";
const ERIN = "Qm2kA-YYwtMtW17P6WOyoDx6KFemi8DF2nIpaDsyqIQ";

/** Where the second page of one endpoint began, of the list of all. */
export const nextToken =
  "T-vkAfwhWWzVXVHDnQ5lFZc3xGFIDdB1UbYv4Uj1yX98NisY8MBWg909dVWmBqXbQv1e4v5t89hhFK_0iNiJ54ggz_Zog4pUwRSkSTSWIviK36-oO5uEIQLXTkI3qr2cI65l9t8SATC2EFja4F3AghnpSbwLgyLjmsUFRmSWFGU_gn-s9GQ_lhPe0MoHuwHiq8eKKtStKQzs6HbJIOlxqeHaxuw";

/**
 * What 0.1.0 wrote with DEVICES=move and a receiver of events that took none: what test/worker/upgrade/with-the-directory.test.ts tells. Bob has
 * the phone that was Alice's, Dave the desk's that Carol has yet to hear of, and Erin's clock was ahead.
 */
export const withTheDirectory: Store = {
  appInstance: "with-the-directory",
  users: {
    alice: {
      rows: {
        [`endpoint/${ALICES_PHONE}`]: {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "phone",
          allowMessages: "ALL",
          clientRequestToken: "alice-phone",
          fingerprint: "1:Ek4oxtQF2Z-V9ZoAwqsqsKTuDrGCeHD2w-22yAofLlw",
          createdAt: NOW,
          lastUpdatedAt: minute(5),
          inactiveSince: minute(5),
        },
        [`endpoint/${ALICES_TABLET}`]: {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "tablet's next",
          allowMessages: "ALL",
          clientRequestToken: "alice-tablet",
          fingerprint: "1:AtXfhAO5qSHrSouSAjmUu0xEYej-1SsnRK719rftAUk",
          createdAt: minute(1),
          lastUpdatedAt: minute(2),
          deviceTokenAt: minute(2),
          rotations: [minute(2)],
          formerDevice: { device: device(TABLET), at: minute(1) },
        },
        [`endpoint/${ALICES_WATCH}`]: {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "watch",
          allowMessages: "ALL",
          clientRequestToken: "alice-watch",
          fingerprint: "1:kbtyVRtZTqxZGvCdEefl3p2OwB4u-QUzABVO5osWuns",
          createdAt: minute(3),
          lastUpdatedAt: minute(3),
          suspectedAt: minute(4),
        },
      },
    },
    bob: {
      rows: {
        [`endpoint/${BOBS_PHONE}`]: {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "phone",
          allowMessages: "ALL",
          clientRequestToken: "bob-phone",
          fingerprint: "1:Ek4oxtQF2Z-V9ZoAwqsqsKTuDrGCeHD2w-22yAofLlw",
          createdAt: minute(5),
          lastUpdatedAt: minute(5),
        },
        [`endpoint/${BOBS_GONE}`]: {
          version: 1,
          state: "deregistered",
          clientRequestToken: "bob-gone",
          expiresAt: minute(1448),
          rotations: [minute(7)],
          held: [
            { device: device(NEXT_GONE), at: minute(7) },
            { device: device(GONE), at: minute(6) },
          ],
        },
      },
      alarm: minute(1448),
    },
    carol: {
      rows: {
        [`endpoint/${CAROLS_DESK}`]: {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "desk",
          allowMessages: "ALL",
          clientRequestToken: "carol-desk",
          fingerprint: "1:8nHHILeXdTQTgJDyd4S6KlB55FnoiMavV3I2g8KTCmA",
          createdAt: minute(9),
          lastUpdatedAt: minute(9),
        },
      },
    },
    dave: {
      rows: {
        [`endpoint/${DAVES_DESK}`]: {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "desk",
          allowMessages: "ALL",
          clientRequestToken: "dave-desk",
          fingerprint: "1:8nHHILeXdTQTgJDyd4S6KlB55FnoiMavV3I2g8KTCmA",
          createdAt: minute(10),
          lastUpdatedAt: minute(10),
        },
      },
    },
    erin: {
      rows: {
        [`endpoint/${ERINS_PHONE}`]: {
          version: 1,
          state: "live",
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          deviceToken: "ahead",
          allowMessages: "ALL",
          clientRequestToken: "erin-ahead",
          fingerprint: "1:Is-EJ_IIXNu0kjt0cRgKykn8VKSLPJBuuoZoJQgJJX8",
          createdAt: minute(60),
          lastUpdatedAt: minute(60),
        },
      },
    },
  },
  shards: {
    "7": {
      rows: {
        [`device/${device(AHEAD)}/${ERIN}`]: {
          version: 1,
          userArn: arnOf("erin"),
          endpointId: ERINS_PHONE,
          at: minute(11),
          claimedAt: minute(60),
        },
        "event/0000000000000001": {
          version: 1,
          type: "endpoint.registered",
          subject: ERINS_PHONE,
          at: minute(60),
          data: { AppInstanceUserArn: arnOf("erin"), EndpointId: ERINS_PHONE },
          source: ARN,
          writtenAt: minute(11),
        },
        feed: { last: 1, failures: 1, at: minute(11) + 5_000 },
      },
      alarm: minute(11) + 5_000,
    },
    "9": {
      rows: {
        [`device/${device(NEXT_TABLET)}/${ALICE}`]: {
          version: 1,
          userArn: arnOf("alice"),
          endpointId: ALICES_TABLET,
          at: minute(2),
        },
        "event/0000000000000001": {
          version: 1,
          type: "endpoint.rotated",
          subject: ALICES_TABLET,
          at: minute(2),
          data: { AppInstanceUserArn: arnOf("alice"), EndpointId: ALICES_TABLET },
          source: ARN,
          writtenAt: minute(2),
        },
        feed: { last: 1, failures: 1, at: minute(11) + 5_000 },
      },
      alarm: minute(11) + 5_000,
    },
    A: {
      rows: {
        secret: "4rU+XkeqZmrI1am2Tto7TCOfaMsDanQFbENK/Vtz44s=",
      },
    },
    D: {
      rows: {
        "event/0000000000000001": {
          version: 1,
          type: "endpoint.rotated",
          subject: BOBS_GONE,
          at: minute(7),
          data: { AppInstanceUserArn: arnOf("bob"), EndpointId: BOBS_GONE },
          source: ARN,
          writtenAt: minute(7),
        },
        "event/0000000000000002": {
          version: 1,
          type: "endpoint.deregistered",
          subject: BOBS_GONE,
          at: minute(8),
          data: { AppInstanceUserArn: arnOf("bob"), EndpointId: BOBS_GONE },
          source: ARN,
          writtenAt: minute(8),
        },
        feed: { last: 2, failures: 1, at: minute(11) + 5_000 },
      },
      alarm: minute(11) + 5_000,
    },
    I: {
      rows: {
        [`device/${device(PHONE)}/${BOB}`]: {
          version: 1,
          userArn: arnOf("bob"),
          endpointId: BOBS_PHONE,
          at: minute(5),
        },
        "event/0000000000000001": {
          version: 1,
          type: "endpoint.registered",
          subject: ALICES_PHONE,
          at: NOW,
          data: { AppInstanceUserArn: arnOf("alice"), EndpointId: ALICES_PHONE },
          source: ARN,
          writtenAt: NOW,
        },
        "event/0000000000000002": {
          version: 1,
          type: "endpoint.registered",
          subject: ALICES_TABLET,
          at: minute(1),
          data: { AppInstanceUserArn: arnOf("alice"), EndpointId: ALICES_TABLET },
          source: ARN,
          writtenAt: minute(1),
        },
        "event/0000000000000003": {
          version: 1,
          type: "endpoint.registered",
          subject: BOBS_PHONE,
          at: minute(5),
          data: { AppInstanceUserArn: arnOf("bob"), EndpointId: BOBS_PHONE },
          source: ARN,
          writtenAt: minute(5),
        },
        "event/0000000000000004": {
          version: 1,
          type: "endpoint.moved",
          subject: ALICES_PHONE,
          at: minute(5),
          data: {
            AppInstanceUserArn: arnOf("alice"),
            EndpointId: ALICES_PHONE,
            MovedTo: { AppInstanceUserArn: arnOf("bob"), EndpointId: BOBS_PHONE },
          },
          source: ARN,
          writtenAt: minute(5),
        },
        feed: { last: 4, failures: 2, at: minute(11) + 10_000 },
        [`lost/${device(PHONE)}/${ALICE}`]: {
          version: 1,
          userArn: arnOf("alice"),
          endpointId: ALICES_PHONE,
          at: NOW,
          dueAt: minute(5),
        },
      },
      alarm: minute(11) + 10_000,
    },
    P: {
      rows: {
        "event/0000000000000001": {
          version: 1,
          type: "endpoint.registered",
          subject: BOBS_GONE,
          at: minute(6),
          data: { AppInstanceUserArn: arnOf("bob"), EndpointId: BOBS_GONE },
          source: ARN,
          writtenAt: minute(6),
        },
        feed: { last: 1, failures: 1, at: minute(11) + 5_000 },
      },
      alarm: minute(11) + 5_000,
    },
    o: {
      rows: {
        [`device/${device(WATCH)}/${ALICE}`]: {
          version: 1,
          userArn: arnOf("alice"),
          endpointId: ALICES_WATCH,
          at: minute(3),
        },
        "event/0000000000000001": {
          version: 1,
          type: "endpoint.registered",
          subject: ALICES_WATCH,
          at: minute(3),
          data: { AppInstanceUserArn: arnOf("alice"), EndpointId: ALICES_WATCH },
          source: ARN,
          writtenAt: minute(3),
        },
        feed: { last: 1, failures: 1, at: minute(11) + 5_000 },
      },
      alarm: minute(11) + 5_000,
    },
    v: {
      rows: {
        [`device/${device(DESK)}/${DAVE}`]: {
          version: 1,
          userArn: arnOf("dave"),
          endpointId: DAVES_DESK,
          at: minute(10),
        },
        "event/0000000000000001": {
          version: 1,
          type: "endpoint.registered",
          subject: CAROLS_DESK,
          at: minute(9),
          data: { AppInstanceUserArn: arnOf("carol"), EndpointId: CAROLS_DESK },
          source: ARN,
          writtenAt: minute(9),
        },
        "event/0000000000000002": {
          version: 1,
          type: "endpoint.registered",
          subject: DAVES_DESK,
          at: minute(10),
          data: { AppInstanceUserArn: arnOf("dave"), EndpointId: DAVES_DESK },
          source: ARN,
          writtenAt: minute(10),
        },
        "event/0000000000000003": {
          version: 1,
          type: "endpoint.moved",
          subject: CAROLS_DESK,
          at: minute(10),
          data: {
            AppInstanceUserArn: arnOf("carol"),
            EndpointId: CAROLS_DESK,
            MovedTo: { AppInstanceUserArn: arnOf("dave"), EndpointId: DAVES_DESK },
          },
          source: ARN,
          writtenAt: minute(10),
        },
        feed: { last: 3, failures: 1, at: minute(10) + 5_000 },
        [`loser/0001800000601000/${device(DESK)}/${CAROL}`]: { failures: 1, since: minute(10) },
        [`lost/${device(DESK)}/${CAROL}`]: {
          version: 1,
          userArn: arnOf("carol"),
          endpointId: CAROLS_DESK,
          at: minute(9),
          dueAt: minute(10) + 1_000,
        },
      },
      alarm: minute(10) + 1_000,
    },
  },
};
