import fc from "fast-check";
import type { Asked } from "./requests.ts";

const HOUR_MS = 3_600_000;

/** A call. Endpoints are named by the order in which they were made, for their ids are not known before. */
export type HistoryCall =
  | { readonly call: "register"; readonly request: Partial<Asked> }
  | {
      readonly call: "update";
      readonly endpoint: number;
      readonly name?: string;
      readonly allowMessages?: "ALL" | "NONE";
    }
  | { readonly call: "describe" | "deregister"; readonly endpoint: number }
  /** A first page, or the one after the last page that was seen. */
  | { readonly call: "list"; readonly maxResults: number; readonly goesOn: boolean };

/** A step of a history: what happens at the same time, or to the clock. */
export type Step =
  | { readonly calls: readonly HistoryCall[]; readonly among: "nothing" | "alarm" | "restart" }
  | { readonly clockMs: number }
  | { readonly evict: true };

const endpoint = fc.nat(14);
const name = fc.constantFrom("", "phone");
const allowMessages = fc.constantFrom("ALL" as const, "NONE" as const);

const deviceToken = fc.oneof(
  { weight: 3, arbitrary: fc.nat(9).map((n) => `device-${n}`) },
  // The same for Apple, and for nobody else; the last one is another.
  { weight: 1, arbitrary: fc.constantFrom("ab12", "AB12", "aB12", "ab1g") },
);

const register = fc.record(
  {
    // Few tokens and devices, so that they meet.
    clientRequestToken: fc.nat(17).map((n) => `request-${n}`),
    endpointAttributes: deviceToken.map((token) => ({ deviceToken: token })),
    type: fc.constantFrom("GCM" as const, "GCM" as const, "APNS" as const, "APNS_SANDBOX" as const),
    name,
    allowMessages,
  },
  { requiredKeys: ["clientRequestToken", "endpointAttributes", "type"] },
);

export const historyCall: fc.Arbitrary<HistoryCall> = fc.oneof(
  { weight: 8, arbitrary: register.map((request) => ({ call: "register" as const, request })) },
  { weight: 4, arbitrary: endpoint.map((n) => ({ call: "deregister" as const, endpoint: n })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ endpoint, name, allowMessages }, { requiredKeys: ["endpoint"] })
      .map((changes) => ({ call: "update" as const, ...changes })),
  },
  { weight: 1, arbitrary: endpoint.map((n) => ({ call: "describe" as const, endpoint: n })) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant("list" as const),
      maxResults: fc.constantFrom(1, 3, 50),
      goesOn: fc.boolean(),
    }),
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
      .constantFrom(-25 * HOUR_MS, -125, 125, 1_000, 1_000, 12 * HOUR_MS, 24 * HOUR_MS - 125, 24 * HOUR_MS)
      .map((clockMs) => ({ clockMs })),
  },
  { weight: 1, arbitrary: fc.constant({ evict: true as const }) },
);

/** Histories of one user. */
export const histories = fc.array(step, { maxLength: 25, size: "max" });
