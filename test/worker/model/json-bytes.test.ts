import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonBytes } from "../../../src/worker/model/json-bytes.ts";

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength;

describe("how long a value is as JSON", () => {
  it("is exact for text, but for its quotation marks, however it is escaped", () => {
    const unit = fc.constantFrom("a", "é", "€", "😀", '"', "\\", "\n", "\u0001", "\u001f", "/", "\u2028");
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect([json(text), json(text) - '""'.length]).toContain(jsonBytes(text));
      }),
    );
  });

  it("is a little more for an endpoint", () => {
    const endpoint = {
      EndpointId: "01a209ea-2973-751f-be34-6ebcac5eba39",
      Type: "GCM",
      ResourceArn: "arn:aws:mobiletargeting:us-east-1:123456789012:apps/0123456789abcdef",
      EndpointAttributes: { DeviceToken: '"'.repeat(163) },
      DeviceTokenTimestamp: 1_800_000_000.123,
    };
    expect(jsonBytes(endpoint) / json(endpoint)).toBeGreaterThan(1);
    expect(jsonBytes(endpoint) / json(endpoint)).toBeLessThan(1.2);
  });
});
