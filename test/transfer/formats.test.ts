import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRecord } from "../../src/transfer/import/registration.ts";
import type { Mapping } from "../../src/transfer/import/settings.ts";
import { RESOURCE_ARN } from "../support/requests.ts";

const appInstanceArn = "arn:aws:chime:us-east-1:123456789012:app-instance/demo";
const ARNS = { appInstanceArn, resourceArn: RESOURCE_ARN };

const EXPORT: Mapping = { format: "export", appInstanceArn: undefined };
const PINPOINT: Mapping = { format: "pinpoint", ...ARNS };
const SNS: Mapping = { format: "sns", ...ARNS, userFrom: ["CustomUserData"], mutesDisabled: false };

function read(record: unknown, mapping: Mapping) {
  return readRecord({ line: 1, text: JSON.stringify(record) }, mapping, Date.now());
}

/** One valid record of each format. */
const VALID: readonly (readonly [Mapping, Record<string, unknown>])[] = [
  [
    EXPORT,
    {
      ...{ AppInstanceUserArn: `${appInstanceArn}/user/alice`, EndpointId: "id", Type: "GCM" },
      ...{ ResourceArn: RESOURCE_ARN, EndpointAttributes: { DeviceToken: "a-secret" } },
    },
  ],
  [PINPOINT, { ChannelType: "GCM", Address: "a-secret", Id: "id", User: { UserId: "alice" } }],
  [
    SNS,
    {
      EndpointArn: "arn:aws:sns:us-east-1:123456789012:endpoint/GCM/shop/id",
      Attributes: { Token: "a-secret", Enabled: "true", CustomUserData: "alice" },
    },
  ],
];

describe.each(VALID)("a record of %o", (mapping, valid) => {
  it("is registered for its user, not muted", () => {
    expect(read(valid, mapping)).toMatchObject({
      kind: "register",
      registration: {
        ...{ appInstanceUserArn: `${appInstanceArn}/user/alice`, resourceArn: RESOURCE_ARN, isMuted: false },
        endpointAttributes: { deviceToken: "a-secret" },
      },
    });
  });

  it("that lacks a member, or has another in its place, is never the reason for an exception, nor repeated", () => {
    const members = fc.constantFrom(...Object.keys(valid));
    fc.assert(
      fc.property(members, fc.option(fc.jsonValue(), { nil: undefined }), (member, value) => {
        const { kind, ...more } = read({ ...valid, [member]: value }, mapping);
        expect(kind === "register" || !JSON.stringify(more).includes("a-secret")).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => read(value, mapping).kind === "failed"));
  });
});

it("a channel that nobody knows is left out, and not repeated", () => {
  expect(read({ ChannelType: "a-secret" }, PINPOINT)).toEqual({ kind: "left_out", why: "a channel that is not known" });
});

it("what breaks a constraint of the server fails before it is called", () => {
  const record = { ChannelType: "GCM", Address: "a-secret".repeat(201), Id: "id", User: { UserId: "alice" } };
  expect(read(record, PINPOINT)).toEqual({
    ...{ kind: "failed", why: "endpointAttributes.deviceToken: must be at most 1600 characters" },
  });
});
