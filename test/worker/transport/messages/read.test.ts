import { create, fromJson, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AllowMessages,
  AppInstanceUserEndpointType,
  EndpointStatus,
} from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import {
  DescribeAppInstanceUserEndpointResponseSchema,
  ListAppInstanceUserEndpointsRequestSchema,
  ListAppInstanceUserEndpointsResponseSchema,
  RegisterAppInstanceUserEndpointRequestSchema,
} from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { PROTO3_JSON, REST } from "../../../../src/worker/transport/messages/dialect.ts";
import { readable, readMessage } from "../../../../src/worker/transport/messages/read.ts";
import { writeMessage } from "../../../../src/worker/transport/messages/write.ts";

const Register = RegisterAppInstanceUserEndpointRequestSchema;

function read(data: unknown, dialect = REST): unknown {
  return readable(() => readMessage(Register, data, dialect, "the request body"));
}

describe("a message of the REST dialect", () => {
  it("is read member by member", () => {
    expect(
      read({
        AppInstanceUserArn: "arn",
        Type: "APNS_SANDBOX",
        EndpointAttributes: { DeviceToken: "d", VoipDeviceToken: "v" },
        Name: "",
        AllowMessages: "NONE",
      }),
    ).toEqual(
      create(Register, {
        appInstanceUserArn: "arn",
        type: 2,
        endpointAttributes: { deviceToken: "d", voipDeviceToken: "v" },
        name: "",
        allowMessages: 2,
      }),
    );
  });

  it("ignores members that it does not have, and takes null for absent", () => {
    const data = JSON.parse(
      '{"Name":null,"EndpointAttributes":null,"Unknown":{"a":1},"__proto__":{"Name":"x"},"constructor":1}',
    );
    expect(read(data)).toEqual(create(Register));
  });

  it("keeps an unknown enum value as one that validation refuses", () => {
    for (const value of ["FAX", "", "UNSPECIFIED", "gcm", "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM"]) {
      expect(read({ Type: value })).toMatchObject({ type: -1 });
    }
  });

  it.each([
    [{ Name: 12345678 }, "Name", "a string"],
    [{ Type: 3 }, "Type", "a string"],
    [{ EndpointAttributes: { DeviceToken: 12345678 } }, "EndpointAttributes.DeviceToken", "a string"],
    [{ EndpointAttributes: ["12345678"] }, "EndpointAttributes", "an object"],
    [{ EndpointAttributes: "12345678" }, "EndpointAttributes", "an object"],
    [{ Name: "\ud800 12345678" }, "Name", "a string of valid Unicode, without lone surrogates"],
    [["12345678"], "the request body", "an object"],
    [null, "the request body", "an object"],
    ["12345678", "the request body", "an object"],
  ])("says where %j can't be read and what should be there, and repeats no value", (data, at, expected) => {
    expect(read(data)).toEqual({ kind: "invalid", reason: "UNREADABLE_REQUEST", at, expected });
  });
});

describe("a message of the proto3 JSON dialect", () => {
  const json = fc.record(
    {
      appInstanceUserArn: fc.string({ unit: "grapheme" }),
      name: fc.option(fc.string({ unit: "grapheme" })),
      type: fc.constantFrom(
        0,
        1,
        2,
        3,
        "APP_INSTANCE_USER_ENDPOINT_TYPE_APNS",
        "APP_INSTANCE_USER_ENDPOINT_TYPE_UNSPECIFIED",
      ),
      resource_arn: fc.string(),
      endpointAttributes: fc.record({ deviceToken: fc.string(), voip_device_token: fc.string() }, { requiredKeys: [] }),
      clientRequestToken: fc.string(),
      allowMessages: fc.constantFrom("ALLOW_MESSAGES_NONE", 77, null),
      unknown: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it("is read as Protobuf's own reader reads it", () => {
    fc.assert(
      fc.property(json, (data) => {
        expect(read(data, PROTO3_JSON)).toEqual(fromJson(Register, data as never, { ignoreUnknownFields: true }));
      }),
    );
  });

  it.each([
    [5, 5],
    ["5", 5],
    [-1, -1],
    ["1e1", 10],
    ["0.5E+1", 5],
    ["10.0", 10],
    [1e1, 10],
  ])("takes the number %j", (given, taken) => {
    const message = readMessage(ListAppInstanceUserEndpointsRequestSchema, { maxResults: given }, PROTO3_JSON, "");
    expect(message).toMatchObject({ maxResults: taken });
  });

  it.each([5.5, "5.5", "", "x", "+5", "0x5", "5.", ".5e1", "05", " 5", "1e-1", "1e99", 2 ** 31, true, {}])(
    "refuses %j for a number",
    (given) => {
      const reading = () =>
        readMessage(ListAppInstanceUserEndpointsRequestSchema, { maxResults: given }, PROTO3_JSON, "");
      expect(readable(reading)).toMatchObject({ kind: "invalid", at: "maxResults", expected: "a whole number" });
    },
  );

  it.each([
    [{ resource_arn: "a", resourceArn: "b" }, "resourceArn and resource_arn"],
    [{ resourceArn: "a", resource_arn: null }, "resourceArn and resource_arn"],
    [
      { endpointAttributes: { deviceToken: "a", device_token: "a" } },
      "endpointAttributes.deviceToken and endpointAttributes.device_token",
    ],
  ])("refuses a member by both of its names: %j", (data, at) => {
    expect(read(data, PROTO3_JSON)).toMatchObject({ kind: "invalid", reason: "UNREADABLE_REQUEST", at });
  });

  it("keeps an enum value that is unknown, for validation to refuse", () => {
    expect(read({ allowMessages: "NONE" }, PROTO3_JSON)).toMatchObject({ allowMessages: -1 });
  });
});

describe("a response", () => {
  const Describe = DescribeAppInstanceUserEndpointResponseSchema;
  const described = create(Describe, {
    appInstanceUserEndpoint: {
      appInstanceUserArn: "arn",
      endpointId: "id",
      type: AppInstanceUserEndpointType.GCM,
      resourceArn: "resource",
      endpointAttributes: { deviceToken: "d" },
      createdTimestamp: timestampFromMs(1_700_000_000_123),
      lastUpdatedTimestamp: timestampFromMs(1_700_000_000_000),
      allowMessages: AllowMessages.ALL,
      endpointState: { status: EndpointStatus.ACTIVE },
    },
  });

  it("has seconds and bare words on REST", () => {
    expect(writeMessage(Describe, described)).toEqual({
      AppInstanceUserEndpoint: {
        AppInstanceUserArn: "arn",
        EndpointId: "id",
        Type: "GCM",
        ResourceArn: "resource",
        EndpointAttributes: { DeviceToken: "d" },
        CreatedTimestamp: 1_700_000_000.123,
        LastUpdatedTimestamp: 1_700_000_000,
        AllowMessages: "ALL",
        EndpointState: { Status: "ACTIVE" },
      },
    });
  });

  it("has timestamps and full names on Connect", () => {
    expect(toJson(Describe, described)).toMatchObject({
      appInstanceUserEndpoint: {
        type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
        createdTimestamp: "2023-11-14T22:13:20.123Z",
        endpointState: { status: "ENDPOINT_STATUS_ACTIVE" },
      },
    });
  });

  it("with an empty list says so, and leaves out what is absent", () => {
    const List = ListAppInstanceUserEndpointsResponseSchema;
    expect(writeMessage(List, create(List))).toEqual({ AppInstanceUserEndpoints: [] });
  });
});
