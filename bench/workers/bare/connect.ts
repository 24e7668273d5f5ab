import type { BareWire } from "./steps.ts";
import { bearerOf } from "./token.ts";

/** What both of Connect's codecs have in common: an error is JSON in either. */
export const CONNECT = {
  name: "connect",
  successStatus: 200,
  authenticate: bearerOf,
  refused: {
    unauthenticated: {
      status: 401,
      headers: { "www-authenticate": 'AWS4-HMAC-SHA256, Bearer realm="rollcall"' },
      body: {
        code: "unauthenticated",
        message: "The Bearer token's signature was not made with a key of its issuer's, or the token was changed.",
        details: [
          {
            type: "google.rpc.ErrorInfo",
            value: "Cg1UT0tFTl9SRUZVU0VEEghyb2xsY2FsbA",
            debug: { reason: "TOKEN_REFUSED", domain: "rollcall" },
          },
        ],
      },
    },
    invalid: {
      status: 400,
      body: {
        code: "invalid_argument",
        message: "1 validation error detected: Value at 'type' failed to satisfy constraint: value is required",
        details: [
          {
            type: "google.rpc.ErrorInfo",
            value: "ChRDT05TVFJBSU5UU19WSU9MQVRFRBIIcm9sbGNhbGw",
            debug: { reason: "CONSTRAINTS_VIOLATED", domain: "rollcall" },
          },
          {
            type: "buf.validate.Violations",
            value: "Cj8SCHJlcXVpcmVkGhF2YWx1ZSBpcyByZXF1aXJlZCAAKgwKCggDEgR0eXBlGA4yEAoOCBkSCHJlcXVpcmVkGAg",
            debug: {
              violations: [
                {
                  ...{ ruleId: "required", message: "value is required", forKey: false },
                  field: { elements: [{ fieldNumber: 3, fieldName: "type", fieldType: "TYPE_ENUM" }] },
                  rule: { elements: [{ fieldNumber: 25, fieldName: "required", fieldType: "TYPE_BOOL" }] },
                },
              ],
            },
          },
        ],
      },
    },
  },
} as const satisfies Partial<BareWire>;
