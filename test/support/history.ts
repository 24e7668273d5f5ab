import fc from "fast-check";
import { type Asked, RESOURCE_ARN } from "./requests.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Another app of the same users. */
export const OTHER_ARN = `${RESOURCE_ARN}-other`;

/** A push that failed. Which token it was sent to is known when it is reported: one that the endpoint has, had, or never had. */
export interface HistoryFailure {
  readonly endpoint: number;
  readonly token: "latest" | "former" | "voip" | "strange";
  readonly isUpperCase: boolean;
  readonly reason: string;
  readonly agoMs: number;
}

/** A call. Endpoints are named by how many were made after them, for their ids are not known before. */
export type HistoryCall =
  | { readonly call: "register"; readonly request: Partial<Asked> }
  | {
      readonly call: "update";
      readonly endpoint: number;
      readonly name?: string;
      readonly allowMessages?: "ALL" | "NONE";
      readonly endpointAttributes?: Asked["endpointAttributes"];
    }
  | { readonly call: "describe" | "deregister"; readonly endpoint: number }
  | { readonly call: "erase" }
  /** A first page, or the one after the last page that was seen. */
  | { readonly call: "list"; readonly maxResults: number; readonly goesOn: boolean }
  | { readonly call: "resolve"; readonly resourceArn?: string | undefined }
  | { readonly call: "report"; readonly failures: readonly HistoryFailure[] };

/** A step of a history: what happens at the same time, or to the clock. */
export type Step =
  | { readonly calls: readonly HistoryCall[]; readonly among: "nothing" | "alarm" | "restart" }
  | { readonly clockMs: number }
  | { readonly evict: true };

const endpoint = fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(14) });
const name = fc.constantFrom("", "phone");
const allowMessages = fc.constantFrom("ALL" as const, "NONE" as const);

const deviceToken = fc.oneof(
  { weight: 3, arbitrary: fc.nat(7).map((n) => `device-${n}`) },
  // The same for Apple, and for nobody else; the last one is another.
  { weight: 1, arbitrary: fc.constantFrom("ab12", "AB12", "aB12", "ab1g") },
);

const endpointAttributes = fc.record(
  { deviceToken, voipDeviceToken: fc.constantFrom("voip-1", "cd34", "CD34") },
  { requiredKeys: ["deviceToken"] },
);

/** A device that registers as it always does. */
const phone = fc.nat(5).map((n) => ({
  clientRequestToken: `request-${n}`,
  endpointAttributes: { deviceToken: `device-${n}` },
}));

/** One that registers at each launch with another request token. */
const launch = fc.record({
  clientRequestToken: fc.nat(40).map((n) => `launch-${n}`),
  endpointAttributes: fc.nat(5).map((n) => ({ deviceToken: `device-${n}` })),
});

const anything = fc.record(
  {
    // Few tokens and devices, so that they meet.
    clientRequestToken: fc.nat(17).map((n) => `request-${n}`),
    endpointAttributes,
    resourceArn: fc.constantFrom(RESOURCE_ARN, RESOURCE_ARN, RESOURCE_ARN, OTHER_ARN),
    type: fc.constantFrom("GCM" as const, "GCM" as const, "APNS" as const, "APNS_SANDBOX" as const),
    name,
    allowMessages,
  },
  { requiredKeys: ["clientRequestToken", "endpointAttributes", "type"] },
);

const register = fc.oneof(
  { weight: 3, arbitrary: phone },
  { weight: 3, arbitrary: launch },
  { weight: 4, arbitrary: anything },
);

const failure = fc.record({
  endpoint,
  token: fc.constantFrom("latest" as const, "latest" as const, "former" as const, "voip" as const, "strange" as const),
  isUpperCase: fc.constantFrom(false, false, false, true),
  reason: fc.constantFrom(
    ...["Unregistered", "messaging/registration-token-not-registered", "INVALID_DEVICE_TOKEN"],
    ...["BadDeviceToken", "BADDEVICETOKEN", "SUSPECT_DEVICE_TOKEN", "INVALID_ARGUMENT", "of a later day"],
  ),
  // Ahead, too: clocks are.
  agoMs: fc.constantFrom(0, 0, 0, 125, HOUR_MS, DAY_MS - 125, DAY_MS, 8 * DAY_MS, -HOUR_MS),
});

export const historyCall: fc.Arbitrary<HistoryCall> = fc.oneof(
  { weight: 8, arbitrary: register.map((request) => ({ call: "register" as const, request })) },
  { weight: 3, arbitrary: endpoint.map((n) => ({ call: "deregister" as const, endpoint: n })) },
  {
    weight: 4,
    arbitrary: fc
      .record({ endpoint, name, allowMessages, endpointAttributes }, { requiredKeys: ["endpoint"] })
      .map((changes) => ({ call: "update" as const, ...changes })),
  },
  { weight: 1, arbitrary: endpoint.map((n) => ({ call: "describe" as const, endpoint: n })) },
  { weight: 1, arbitrary: fc.constant({ call: "erase" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("list" as const),
      maxResults: fc.constantFrom(1, 3, 50),
      goesOn: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(undefined, undefined, OTHER_ARN)
      .map((resourceArn) => ({ call: "resolve" as const, resourceArn })),
  },
  {
    weight: 6,
    arbitrary: fc
      .array(failure, { minLength: 1, maxLength: 4, size: "max" })
      .map((failures) => ({ call: "report" as const, failures })),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      calls: fc.array(historyCall, { minLength: 1, maxLength: 5, size: "max" }),
      among: fc.constantFrom(
        "nothing" as const,
        "nothing" as const,
        "nothing" as const,
        "alarm" as const,
        "restart" as const,
      ),
    }),
  },
  {
    // Multiples of an eighth of a second, which the rates' fractions are exact for.
    weight: 3,
    arbitrary: fc
      .constantFrom(-25 * HOUR_MS, -125, 125, 1_000, 1_000, 12 * HOUR_MS, DAY_MS - 125, DAY_MS, 8 * DAY_MS, 15 * DAY_MS)
      .map((clockMs) => ({ clockMs })),
  },
  { weight: 1, arbitrary: fc.constant({ evict: true as const }) },
);

/** Histories of one user. */
export const histories = fc.array(step, { maxLength: 25, size: "max" });
