/**
 * The cases of Protobuf's own conformance suite that say how JSON is read and that apply to our messages, by their names
 * there and in the members that we have: int32, string, enum, a message within a message, lists of strings and of messages, Timestamp.
 * Source: conformance/json_*_test.cc of protocolbuffers/protobuf
 */
import { create, type DescMessage, fromJsonString, type Message } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { AppInstanceUserEndpointType } from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import {
  ListAppInstanceUserEndpointsRequestSchema as List,
  RegisterAppInstanceUserEndpointRequestSchema as Register,
  ReportAppInstanceUserEndpointFailuresRequestSchema as Report,
  ResolveAppInstanceUserEndpointsRequestSchema as Resolve,
} from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { CODECS } from "../../../../src/worker/transport/rpc/codec.ts";

const GCM = "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM";

/** A case: its name, the JSON of the request, and the message that it is read as. */
type Read = readonly [string, string, Message];
/** And one that is refused. */
type Refused = readonly [string, string];

function number(name: string, json: string, maxResults: number): Read {
  return [name, `{"maxResults":${json}}`, create(List, { maxResults })];
}

function text(name: string, json: string, value: string): Read {
  return [name, `{"name":${json}}`, create(Register, { name: value })];
}

function enumeration(name: string, json: string, type: number): Read {
  return [name, `{"type":${json}}`, create(Register, { type: type as AppInstanceUserEndpointType })];
}

function time(name: string, json: string, seconds: bigint, nanos = 0): Read {
  return [
    name,
    `{"failures":[{"timestamp":${json}}]}`,
    create(Report, { failures: [{ timestamp: { seconds, nanos } }] }),
  ];
}

const NOTHING = create(Register);

const READ: readonly Read[] = [
  number("Int32FieldMaxValue", "2147483647", 2_147_483_647),
  number("Int32FieldMinValue", "-2147483648", -2_147_483_648),
  number("Int32FieldStringValue", '"2147483647"', 2_147_483_647),
  number("Int32FieldStringValueEscaped", '"2\\u003147483647"', 2_147_483_647),
  number("Int32FieldStringValueZero", '"0"', 0),
  number("Int32FieldQuotedExponentialValue", '"1e5"', 100_000),
  number("Int32FieldFloatTrailingZero", "100000.000", 100_000),
  number("Int32FieldExponentialFormat", "1e5", 100_000),
  number("Int32FieldMaxFloatValue", "2.147483647e9", 2_147_483_647),
  number("Int32FieldMinFloatValue", "-2.147483648e9", -2_147_483_648),
  text("StringField", '"Hello world!"', "Hello world!"),
  text("StringFieldUnicode", '"谷歌"', "谷歌"),
  text("StringFieldEscape", String.raw`"\"\\\/\b\f\n\r\t"`, '"\\/\b\f\n\r\t'),
  text("StringFieldUnicodeEscape", String.raw`"\u8C37\u6B4C"`, "谷歌"),
  text("StringFieldSurrogatePair", String.raw`"\uD83D\uDE01"`, "😁"),
  text("StringFieldEmbeddedNull", String.raw`"Hello\u0000world!"`, "Hello\0world!"),
  enumeration("EnumField", `"${GCM}"`, 3),
  enumeration("EnumFieldNumericValueZero", "0", 0),
  enumeration("EnumFieldNumericValueNonZero", "1", 1),
  enumeration("EnumFieldUnknownValue", "123", 123),
  [
    "MessageField",
    '{"endpointAttributes":{"deviceToken":"d"}}',
    create(Register, { endpointAttributes: { deviceToken: "d" } }),
  ],
  ["StringRepeatedField", '{"appInstanceUserArns":["a","b"]}', create(Resolve, { appInstanceUserArns: ["a", "b"] })],
  ["MessageRepeatedField", '{"failures":[{"reason":"r"},{}]}', create(Report, { failures: [{ reason: "r" }, {}] })],
  ["AllFieldAcceptNull: a list of strings", '{"appInstanceUserArns":null}', create(Resolve)],
  ["AllFieldAcceptNull: a list of messages", '{"failures":null}', create(Report)],
  time("TimestampMinValue", '"0001-01-01T00:00:00Z"', -62_135_596_800n),
  time("TimestampMaxValue", '"9999-12-31T23:59:59.999999999Z"', 253_402_300_799n, 999_999_999),
  time("TimestampLeap", '"1993-02-10T00:00:00.000Z"', 729_302_400n),
  time("TimestampWithPositiveOffset", '"1970-01-01T08:00:01+08:00"', 1n),
  time("TimestampWithNegativeOffset", '"1969-12-31T16:00:01-08:00"', 1n),
  ["TimestampNull", '{"failures":[{"timestamp":null}]}', create(Report, { failures: [{}] })],
  ["AllFieldAcceptNull", '{"name":null,"type":null,"endpointAttributes":null,"resourceArn":null}', NOTHING],
  ["FieldNameInSnakeCase", '{"clientRequestToken":"t"}', create(Register, { clientRequestToken: "t" })],
  ["OriginalProtoFieldName", '{"client_request_token":"t"}', create(Register, { clientRequestToken: "t" })],
  ["FieldNameEscaped", String.raw`{"n\u0061me":"n"}`, create(Register, { name: "n" })],
  [
    "MultilineWithSpaces",
    '{\n  "name"  :  "n"\n  ,\n  "resourceArn"  :  "r"\n}\n',
    create(Register, { name: "n", resourceArn: "r" }),
  ],
  ["IgnoreUnknownJsonNumber", '{"unknown": 1}', NOTHING],
  ["IgnoreUnknownJsonString", '{"unknown": "a"}', NOTHING],
  ["IgnoreUnknownJsonTrue", '{"unknown": true}', NOTHING],
  ["IgnoreUnknownJsonFalse", '{"unknown": false}', NOTHING],
  ["IgnoreUnknownJsonNull", '{"unknown": null}', NOTHING],
  ["IgnoreUnknownJsonObject", '{"unknown": {"a": 1}}', NOTHING],
];

const REFUSED: readonly Refused[] = [
  ["Int32FieldTooLarge", '{"maxResults":2147483648}'],
  ["Int32FieldTooSmall", '{"maxResults":-2147483649}'],
  ["Int32FieldNotInteger", '{"maxResults":0.5}'],
  ["Int32FieldTrueValue", '{"maxResults":true}'],
  ["Int32FieldFalseValue", '{"maxResults":false}'],
  ["Int32FieldStringValuePartiallyNumeric", '{"maxResults":"12abc"}'],
  ["Int32FieldStringValuePartiallyNumericSpace", '{"maxResults":"12 34"}'],
  ["Int32FieldStringValuePartiallyNumericComma", '{"maxResults":"12,34"}'],
  ["Int32FieldStringValuePartiallyNumericUnicode", '{"maxResults":"12谷歌34"}'],
  ["Int32FieldStringValueNonNumeric", '{"maxResults":"abc"}'],
  ["Int32FieldStringValueArabicIndicDigits", '{"maxResults":"١٢٣"}'],
  ["Int32FieldEmptyString", '{"maxResults":""}'],
  ["Int32FieldNotNumber", '{"maxResults":"3x3"}'],
  ["Int32FieldPlusSign", '{"maxResults":+1}'],
  ["Int32FieldLeadingZero", '{"maxResults":01}'],
  ["Int32FieldNegativeWithLeadingZero", '{"maxResults":-01}'],
  ["Int32FieldLeadingSpace", '{"maxResults":" 1"}'],
  ["Int32FieldTrailingSpace", '{"maxResults":"1 "}'],
  ["StringFieldUppercaseEscapeLetter", String.raw`{"name":"\U8C37\U6b4C"}`],
  ["StringFieldInvalidEscape", String.raw`{"name":"\uXXXX\u6B4C"}`],
  ["StringFieldUnterminatedEscape", String.raw`{"name":"\u8C3"}`],
  ["StringFieldUnpairedHighSurrogate", String.raw`{"name":"\uD800"}`],
  ["StringFieldUnpairedLowSurrogate", String.raw`{"name":"\uDC00"}`],
  ["StringFieldSurrogateInWrongOrder", String.raw`{"name":"\uDE01\uD83D"}`],
  ["StringFieldNotAString", '{"name":12345}'],
  ["StringFieldSingleQuoteKey", `{'name':"n"}`],
  ["StringFieldSingleQuoteValue", `{"name":'n'}`],
  ["EnumFieldNotQuoted", `{"type":${GCM}}`],
  ["EnumFieldSingleElementArrayEnumName", `{"type":["${GCM}"]}`],
  ["EnumFieldSingleElementArrayNumericValue", '{"type":[2]}'],
  ["EnumFieldTrueValue", '{"type":true}'],
  ["EnumFieldFalseValue", '{"type":false}'],
  ["FieldNameDuplicateDifferentCasing1", '{"resource_arn":"a","resourceArn":"b"}'],
  ["FieldNameDuplicateDifferentCasing2", '{"resourceArn":"a","resource_arn":"b"}'],
  ["StringEndsWithEscapeChar", '{"name":"abc\\'],
  ["FieldNameNotQuoted", '{name:"n"}'],
  ["TrailingCommaInAnObject", '{"name":"n",}'],
  ["JsonWithComments", '{\n// a comment\n"name":"n"}'],
  ["MissingCommaOneLine", '{"name":"n" "resourceArn":"r"}'],
  ["RejectTopLevelNull", "null"],
  ["RepeatedFieldWrongElementTypeExpectingStringsGotInt", '{"appInstanceUserArns":["a",12345]}'],
  ["RepeatedFieldWrongElementTypeExpectingStringsGotBool", '{"appInstanceUserArns":["a",true]}'],
  ["RepeatedFieldWrongElementTypeExpectingStringsGotMessage", '{"appInstanceUserArns":["a",{"a":1}]}'],
  ["RepeatedFieldWrongElementTypeExpectingMessagesGotInt", '{"failures":[{},1]}'],
  ["RepeatedFieldWrongElementTypeExpectingMessagesGotString", '{"failures":[{},"a"]}'],
  ["RepeatedFieldWrongElementTypeExpectingMessagesGotBool", '{"failures":[{},false]}'],
  ["SingleValueForRepeatedField: a string", '{"appInstanceUserArns":"a"}'],
  ["SingleValueForRepeatedFieldMessage", '{"failures":{"reason":"r"}}'],
  ["RepeatedFieldTrailingComma", '{"appInstanceUserArns":["a","b",]}'],
  ["RepeatedFieldPrimitiveElementIsNull", '{"appInstanceUserArns":["a",null]}'],
  ["RepeatedFieldMessageElementIsNull", '{"failures":[{"reason":"r"},null]}'],
  ...[
    ["TimestampJsonInputTooSmall", "0000-01-01T00:00:00Z"],
    ["TimestampJsonInputTooLarge", "10000-01-01T00:00:00Z"],
    ["TimestampJsonInputMissingZ", "0001-01-01T00:00:00"],
    ["TimestampJsonInputMissingT", "0001-01-01 00:00:00Z"],
    ["TimestampJsonInputLowercaseZ", "0001-01-01T00:00:00z"],
    ["TimestampJsonInputLowercaseT", "0001-01-01t00:00:00Z"],
  ].map(([name = "", text]): Refused => [name, `{"failures":[{"timestamp":"${text}"}]}`]),
];

/** Register is first: what is of no schema is read as it. */
const SCHEMAS: readonly DescMessage[] = [Register, List, Resolve, Report];

/** As the wires read it. */
function read(schema: DescMessage, json: string): unknown {
  return CODECS.json.decode(schema, new TextEncoder().encode(json));
}

/** As protobuf-es reads it, which knows nothing of our messages. */
function reference(schema: DescMessage, json: string): unknown {
  return fromJsonString(schema, json, { ignoreUnknownFields: true });
}

describe("Protobuf's conformance suite", () => {
  it.each(READ)("%s is read", (_, json, message) => {
    const schema = SCHEMAS.find(({ typeName }) => typeName === message.$typeName) ?? Register;
    expect(read(schema, json)).toEqual(message);
    expect(reference(schema, json)).toEqual(message);
  });

  it.each(REFUSED)("%s is refused", (_, json) => {
    const schema =
      SCHEMAS.find(({ fields }) => fields.some(({ jsonName }) => json.includes(`{"${jsonName}":`))) ?? Register;
    expect(read(schema, json)).toMatchObject({ kind: "invalid", reason: "UNREADABLE_REQUEST" });
    expect(() => reference(schema, json)).toThrow();
  });

  it("FieldNameDuplicate: the last is read, or it is refused as protobuf-es does; either may be", () => {
    const json = '{"name":"a","name":"b"}';
    expect(read(Register, json)).toEqual(create(Register, { name: "b" }));
    expect(() => reference(Register, json)).toThrow("duplicate");
  });

  it("IgnoreUnknownEnumStringValueInOptionalField: it is kept, for validation to refuse, and not dropped as unknown", () => {
    const json = '{"type":"UNKNOWN_ENUM_VALUE"}';
    expect(read(Register, json)).toMatchObject({ type: -1 });
    expect(reference(Register, json)).toEqual(NOTHING);
  });
});
