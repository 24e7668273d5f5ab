import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type Message,
  toBinary,
  toJson,
  toJsonString,
} from "@bufbuild/protobuf";
import { TimestampSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
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
  ReportAppInstanceUserEndpointFailuresRequestSchema as Report,
  type ReportAppInstanceUserEndpointFailuresRequest as ReportRequest,
  ResolveAppInstanceUserEndpointsRequestSchema as Resolve,
} from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { Invalid } from "../../../../src/worker/model/failure.ts";
import { violated } from "../../../../src/worker/transport/messages/constraints.ts";
import { PROTO3_JSON, REST } from "../../../../src/worker/transport/messages/dialect.ts";
import { readable, readMessage } from "../../../../src/worker/transport/messages/read.ts";
import { writeMessage } from "../../../../src/worker/transport/messages/write.ts";
import { OPERATIONS } from "../../../../src/worker/transport/operations.ts";
import { CODECS } from "../../../../src/worker/transport/rpc/codec.ts";
import { messagesOf } from "../../../support/messages.ts";

const Register = RegisterAppInstanceUserEndpointRequestSchema;

const SECONDS = "a number: seconds since 1970, with decimals or without";

function readAs(schema: DescMessage, data: unknown, dialect = REST): Message | Invalid {
  return readable(() => readMessage(schema, data, dialect, "the request body"));
}

function read(data: unknown, dialect = REST): unknown {
  return readAs(Register, data, dialect);
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

describe("a list", () => {
  const FAILURE = { AppInstanceUserArn: "arn", EndpointId: "e", DeviceToken: "d", Reason: "r", Timestamp: 1.5 };

  it("is read item by item", () => {
    expect(readAs(Resolve, { AppInstanceUserArns: ["a", "b", ""] })).toEqual(
      create(Resolve, { appInstanceUserArns: ["a", "b", ""] }),
    );
    expect(readAs(Report, { Failures: [FAILURE, {}] })).toEqual(
      create(Report, {
        failures: [
          {
            ...{ appInstanceUserArn: "arn", endpointId: "e", deviceToken: "d", reason: "r" },
            timestamp: { seconds: 1n, nanos: 500_000_000 },
          },
          {},
        ],
      }),
    );
  });

  it("that is null or left out is empty", () => {
    for (const data of [{}, { Failures: null }, { Failures: [] }]) {
      expect(readAs(Report, data)).toEqual(create(Report));
    }
  });

  it.each<[DescMessage, unknown, string, string]>([
    [Resolve, { AppInstanceUserArns: "12345678" }, "AppInstanceUserArns", "a list"],
    [Resolve, { AppInstanceUserArns: { 0: "12345678" } }, "AppInstanceUserArns", "a list"],
    [Resolve, { AppInstanceUserArns: ["a", 12345678] }, "AppInstanceUserArns[1]", "a string"],
    [Resolve, { AppInstanceUserArns: ["a", null] }, "AppInstanceUserArns[1]", "a string"],
    [Resolve, { AppInstanceUserArns: [["12345678"]] }, "AppInstanceUserArns[0]", "a string"],
    [Report, { Failures: [FAILURE, null] }, "Failures[1]", "an object"],
    [Report, { Failures: [[FAILURE]] }, "Failures[0]", "an object"],
    [Report, { Failures: [FAILURE, FAILURE, { ...FAILURE, Reason: 410 }] }, "Failures[2].Reason", "a string"],
    [Report, { Failures: [{ ...FAILURE, Timestamp: "12345678" }] }, "Failures[0].Timestamp", SECONDS],
  ])("of %s says where %j can't be read, and repeats no value", (schema, data, at, expected) => {
    expect(readAs(schema, data)).toEqual({ kind: "invalid", reason: "UNREADABLE_REQUEST", at, expected });
  });

  it("that is too long is read as far as shows it, be it in JSON or in Protobuf's binary format", () => {
    const length = (schema: DescMessage, members: Record<string, unknown>, name: string) => {
      const message = create(schema, members);
      const decoded = [
        readAs(schema, writeMessage(schema, message)),
        CODECS.json.decode(schema, new TextEncoder().encode(toJsonString(schema, message))),
        CODECS.proto.decode(schema, toBinary(schema, message)),
      ];
      return decoded.map((read) => (read as unknown as Record<string, unknown[]>)[name]?.length);
    };
    for (const [items, read] of [
      [99, 99],
      [100, 100],
      [101, 101],
      [102, 101],
      [60_000, 101],
    ] as const) {
      expect(length(Report, { failures: Array(items).fill({}) }, "failures")).toEqual([read, read, read]);
      const users = { appInstanceUserArns: Array(items).fill(""), resourceArn: "arn" };
      expect(length(Resolve, users, "appInstanceUserArns")).toEqual([read, read, read]);
    }
  });
});

describe("a time", () => {
  const readTime = (timestamp: unknown, dialect = REST) => {
    const data = dialect === REST ? { Failures: [{ Timestamp: timestamp }] } : { failures: [{ timestamp }] };
    const report = readAs(Report, data, dialect);
    return "kind" in report ? report.expected : (report as ReportRequest).failures[0]?.timestamp;
  };

  it.each([
    [0, 0n, 0],
    [-0, 0n, 0],
    [1, 1n, 0],
    [1_795_462_670.707, 1_795_462_670n, 707_000_000],
    [0.001, 0n, 1_000_000],
    [1.9996, 2n, 0],
    [-0.5, -1n, 500_000_000],
    [-62_135_596_800, -62_135_596_800n, 0],
    [253_402_300_799.999, 253_402_300_799n, 999_000_000],
  ])("on REST is seconds, to the millisecond: %d", (given, seconds, nanos) => {
    expect(readTime(given)).toEqual(create(TimestampSchema, { seconds, nanos }));
  });

  it.each([253_402_300_800, -62_135_596_801, 1_795_462_670_707, 1e20, 1e300, -1e300])(
    "on REST that there is not, such as %d, is read for validation to refuse",
    (given) => {
      const report = readAs(Report, { Failures: [{ Timestamp: given }] });
      const failure = "kind" in report ? undefined : violated(Report, report, 0);
      expect(failure?.violations.map(({ ruleId }) => ruleId)).toContain("timestamp.range");
    },
  );

  it.each([Number.POSITIVE_INFINITY, 1e306, Number.NaN, "1795462670", "2026-11-26T12:00:00Z", "", true, {}, [], [1]])(
    "on REST is no %j",
    (given) => {
      expect(readTime(given)).toBe(SECONDS);
    },
  );

  it.each([0, 1_795_462_670, "1795462670", "2026-11-26", "2026-11-26T12:00:00", "2026-13-01T00:00:00Z", "", {}, []])(
    "in Protobuf's JSON is no %j",
    (given) => {
      expect(readTime(given, PROTO3_JSON)).toBe("a time as RFC 3339 writes it, such as 2026-11-26T12:00:00Z");
    },
  );
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

describe("a request that is written and read again", () => {
  const second = { min: -62_135_596_800, max: 253_402_300_799 };
  const parts = {
    text: fc.string({ unit: "binary" }),
    int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    // REST has no word for others.
    enumeration: ({ enum: values }: DescField) =>
      fc.constantFrom(...(values?.values ?? []).slice(1)).map(({ number }) => number),
    time: fc
      .tuple(fc.integer(second), fc.integer({ min: 0, max: 999 }))
      .map(([seconds, ms]) => create(TimestampSchema, { seconds: BigInt(seconds), nanos: ms * 1_000_000 })),
    list: (item: fc.Arbitrary<unknown>) =>
      fc.oneof(
        { weight: 9, arbitrary: fc.array(item, { maxLength: 5 }) },
        fc.array(item, { minLength: 90, maxLength: 100 }),
      ),
  };

  it.each(OPERATIONS)("is the same over each codec: $name", ({ method: { input } }) => {
    fc.assert(
      fc.property(messagesOf(input, parts), (request) => {
        const rest = JSON.parse(JSON.stringify(writeMessage(input, request)));
        expect(readAs(input, rest)).toEqual(request);
        const json = new TextEncoder().encode(toJsonString(input, request));
        expect(CODECS.json.decode(input, json)).toEqual(request);
        expect(CODECS.proto.decode(input, toBinary(input, request))).toEqual(request);
      }),
    );
  });
});
