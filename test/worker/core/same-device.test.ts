import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameDevice } from "../../../src/worker/core/same-device.ts";
import type { EndpointType } from "../../../src/worker/model/endpoint.ts";

const device = (deviceToken: string, type: EndpointType = "APNS") => ({ type, resourceArn: "app", deviceToken });
const hexadecimal = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 1 });

describe("isSameDevice", () => {
  it("takes Apple's hexadecimal tokens in either case, and each of its two services by itself", () => {
    fc.assert(
      fc.property(hexadecimal, fc.constantFrom("APNS" as const, "APNS_SANDBOX" as const), (token, type) => {
        expect(isSameDevice(device(token.toLowerCase(), type), device(token.toUpperCase(), type))).toBe(true);
      }),
    );
    expect(isSameDevice(device("ab"), device("ab", "APNS_SANDBOX"))).toBe(false);
  });

  it.each([
    ["Firebase's", device("ab12", "GCM"), device("AB12", "GCM")],
    ["no hexadecimal", device("ab1g"), device("AB1G")],
    ["printed as iOS once did", device("<ab12>"), device("<AB12>")],
    ["with a letter that only looks like one", device("ab"), device("\u{FF21}b")],
    ["of another app", device("ab"), { ...device("ab"), resourceArn: "other" }],
  ])("goes by each character of a token that is %s", (_, a, b) => {
    expect(isSameDevice(a, b)).toBe(false);
    expect(isSameDevice(a, { ...a })).toBe(true);
  });
});
