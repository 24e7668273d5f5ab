import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { createValidator, violationsToProto } from "@bufbuild/protovalidate";
import { ViolationsSchema as Reference } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Violation, ViolationsSchema } from "../../../../src/gen/buf/validate/validate_pb.ts";
import type { DeliveryFailureSchema } from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import {
  ListAppInstanceUserEndpointsRequestSchema,
  RegisterAppInstanceUserEndpointRequestSchema,
  ReportAppInstanceUserEndpointFailuresRequestSchema as Report,
  ResolveAppInstanceUserEndpointsRequestSchema as Resolve,
  UpdateAppInstanceUserEndpointRequestSchema,
} from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { TOLD_MAX, violated } from "../../../../src/worker/transport/messages/constraints.ts";
import { isTimestamp } from "../../../../src/worker/transport/messages/dialect.ts";
import { exampleIn } from "../../../../src/worker/transport/messages/example.ts";
import { OPERATIONS, type Operation } from "../../../../src/worker/transport/operations.ts";
import { restError } from "../../../../src/worker/transport/rest/errors.ts";
import { rpcError } from "../../../../src/worker/transport/rpc/errors.ts";
import { messagesOf, type Parts } from "../../../support/messages.ts";

const Register = RegisterAppInstanceUserEndpointRequestSchema;
type Register = MessageInitShape<typeof Register>;

/** The most items that a list of any request may have. */
const MOST = 100;
const NOW = Date.UTC(2026, 10, 26);
const ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/b";
const VALID = {
  appInstanceUserArn: ARN,
  type: 3,
  resourceArn: ARN,
  endpointAttributes: { deviceToken: "d" },
  clientRequestToken: "t-1",
};

/** The rules that a registration breaks: "name string.max_len". */
function broken(changes: Register): string[] {
  const failure = violated(Register, create(Register, { ...VALID, ...changes } as Register), NOW);
  return (failure?.violations ?? []).map(({ path, ruleId }) => `${path.at(-1)?.member.name} ${ruleId}`);
}

/** An ARN whose last part has `length` code points. */
const arnEnding = (length: number, character = "x") => `arn:aws::::${character.repeat(length)}`;
const EMOJI = "😀";

function isOfInstance(input: DescMessage): boolean {
  return input.fields.some(({ name }) => name === "app_instance_arn");
}

/** The shortest ARN of a user with these ids. */
const userArn = (appInstance: string, user: string) => `arn:a::::app-instance/${appInstance}/user/${user}`;
const NO_USER = ["app_instance_user_arn string.pattern"];

describe("the constraints of a registration", () => {
  it.each<[string, Register, string[]]>([
    ["nothing", {}, []],
    ["a name that is empty", { name: "" }, []],
    ["a name at its longest", { name: "n".repeat(1600) }, []],
    ["a name at its longest, in code points", { name: EMOJI.repeat(1600) }, []],
    ["a name too long", { name: "n".repeat(1601) }, ["name string.max_len"]],
    ["a name too long, in code points", { name: EMOJI.repeat(1601) }, ["name string.max_len"]],
    ["a name with a line feed", { name: "a\nb" }, ["name string.pattern"]],
    ["a name that ends in a line feed", { name: "a\n" }, ["name string.pattern"]],
    ["a device token at its longest", { endpointAttributes: { deviceToken: EMOJI.repeat(1600) } }, []],
    [
      "a device token too long",
      { endpointAttributes: { deviceToken: "d".repeat(1601) } },
      ["device_token string.max_len"],
    ],
    ["an empty device token", { endpointAttributes: { deviceToken: "" } }, ["device_token required"]],
    [
      "a VoIP token at its longest",
      { endpointAttributes: { deviceToken: "d", voipDeviceToken: "v".repeat(1600) } },
      [],
    ],
    [
      "an empty VoIP token",
      { endpointAttributes: { deviceToken: "d", voipDeviceToken: "" } },
      ["voip_device_token string.min_len"],
    ],
    [
      "a VoIP token too long",
      { endpointAttributes: { deviceToken: "d", voipDeviceToken: "v".repeat(1601) } },
      ["voip_device_token string.max_len"],
    ],
    ["a request token at its shortest", { clientRequestToken: "-_" }, []],
    ["a request token at its longest", { clientRequestToken: "aZ9-_".repeat(13).slice(0, 64) }, []],
    ["a request token too short", { clientRequestToken: "t" }, ["client_request_token string.min_len"]],
    ["a request token too long", { clientRequestToken: "t".repeat(65) }, ["client_request_token string.max_len"]],
    ["a request token with a space", { clientRequestToken: "a b" }, ["client_request_token string.pattern"]],
    [
      "a request token that ends in a line feed",
      { clientRequestToken: "ab\n" },
      ["client_request_token string.pattern"],
    ],
    ["no type", { type: 0 }, ["type required"]],
    ["a type that does not exist", { type: -1 as 0 }, ["type enum.defined_only"]],
    ["AllowMessages that does not exist", { allowMessages: 3 as 0 }, ["allow_messages enum.defined_only"]],
    ["an ARN at its shortest", { resourceArn: "arn:a::::b" }, []],
    ["an ARN whose last part is at its longest", { resourceArn: arnEnding(1024) }, []],
    ["an ARN whose last part is at its longest, in code points", { resourceArn: arnEnding(1024, EMOJI) }, []],
    ["an ARN whose last part is too long", { resourceArn: arnEnding(1025) }, ["resource_arn string.pattern"]],
    ["an ARN whose last part begins with a slash", { resourceArn: "arn:a::::/b" }, ["resource_arn string.pattern"]],
    ["an ARN whose last part is empty", { resourceArn: "arn:a::::" }, ["resource_arn string.pattern"]],
    ["an ARN with a capital in its partition", { resourceArn: "arn:AWS::::b" }, ["resource_arn string.pattern"]],
    ["an ARN with a part at its longest", { resourceArn: `arn:${"a".repeat(63)}:${"b".repeat(63)}:::c` }, []],
    ["an ARN with a part too long", { resourceArn: `arn:${"a".repeat(64)}::::c` }, ["resource_arn string.pattern"]],
    ["an ARN without a partition", { resourceArn: "arn:::::b" }, ["resource_arn string.pattern"]],
    ["no ARN", { resourceArn: "" }, ["resource_arn required"]],
    ["the ARN of an app instance", { appInstanceUserArn: "arn:aws:chime:::app-instance/a" }, NO_USER],
    ["the ARN of something else", { appInstanceUserArn: "arn:aws:s3:::bucket" }, NO_USER],
    ["an ARN with an empty user id", { appInstanceUserArn: userArn("a", "") }, NO_USER],
    ["an ARN with an empty id of its app instance", { appInstanceUserArn: userArn("", "b") }, NO_USER],
    ["an ARN that ends in a space", { appInstanceUserArn: userArn("a", "b ") }, NO_USER],
    ["an ARN of a user whose id has slashes", { appInstanceUserArn: userArn("a", "/b/user/c/") }, []],
    ["an ARN with spaces inside its ids", { appInstanceUserArn: userArn("a  b", "c \u00a0 d") }, []],
    ["an ARN of a user at its longest", { appInstanceUserArn: userArn("a", EMOJI.repeat(1004)) }, []],
    [
      "an ARN of a user too long",
      { appInstanceUserArn: userArn("a", EMOJI.repeat(1005)) },
      ["app_instance_user_arn string.max_len"],
    ],
    ["what begins as an ARN later", { resourceArn: " arn:a::::b" }, ["resource_arn string.pattern"]],
    [
      "the longest of all strings",
      { resourceArn: `arn:a::::${"b".repeat(1592)}` },
      ["resource_arn string.max_len", "resource_arn string.pattern"],
    ],
  ])("with %s", (_, changes, rules) => {
    expect(broken(changes)).toEqual(rules);
  });

  it("leave an update free to be empty, but not to say what does not exist", () => {
    const Update = UpdateAppInstanceUserEndpointRequestSchema;
    const update = (changes: MessageInitShape<typeof Update>) =>
      violated(Update, create(Update, changes), NOW)?.violations.map(({ ruleId }) => ruleId);
    expect(update({ appInstanceUserArn: ARN, endpointId: "e".repeat(64) })).toBeUndefined();
    expect(update({ appInstanceUserArn: ARN, endpointId: "e".repeat(65), allowMessages: 9 as 0 })).toEqual([
      "string.max_len",
      "enum.defined_only",
    ]);
  });

  it.each([
    [0, false],
    [1, true],
    [50, true],
    [51, false],
    [undefined, true],
  ])("take MaxResults of %s: %s", (maxResults, isValid) => {
    const request = {
      appInstanceUserArn: ARN,
      nextToken: "n".repeat(2048),
      ...(maxResults !== undefined && { maxResults }),
    };
    const List = ListAppInstanceUserEndpointsRequestSchema;
    expect(violated(List, create(List, request), NOW) === undefined).toBe(isValid);
  });
});

describe("the constraints of a report", () => {
  const DAY = 86_400_000;
  const FAILURE = {
    appInstanceUserArn: ARN,
    endpointId: "e",
    deviceToken: "d",
    reason: "Unregistered",
    timestamp: timestampFromMs(NOW),
  };

  function broken(...failures: MessageInitShape<typeof DeliveryFailureSchema>[]): string[] {
    const failure = violated(Report, create(Report, { failures }), NOW);
    return (failure?.violations ?? []).map(({ path, ruleId }) => {
      const steps = path.map(({ member: { name }, index }) => (index === undefined ? name : `${name}[${index}]`));
      return `${steps.join(".")} ${ruleId}`;
    });
  }

  it("name the item that breaks them", () => {
    expect(broken(FAILURE)).toEqual([]);
    expect(broken()).toEqual(["failures repeated.min_items"]);
    expect(broken(...Array(MOST).fill(FAILURE))).toEqual([]);
    expect(broken(...Array(MOST + 1).fill(FAILURE))).toEqual(["failures repeated.max_items"]);
    expect(broken(FAILURE, { ...FAILURE, reason: "r".repeat(129), deviceToken: "" }, FAILURE)).toEqual([
      "failures[1].device_token required",
      "failures[1].reason string.max_len",
    ]);
  });

  it.each<[string, { seconds: bigint; nanos?: number } | undefined, string[]]>([
    ["none", undefined, ["required"]],
    ["1970", { seconds: 0n }, []],
    ["the first", { seconds: -62_135_596_800n }, []],
    ["one before the first", { seconds: -62_135_596_801n, nanos: 999_999_999 }, ["timestamp.range"]],
    ["a day ahead", timestampFromMs(NOW + DAY), []],
    ["more than a day ahead", timestampFromMs(NOW + DAY + 1), ["timestamp.at_most_ahead"]],
    ["the last", { seconds: 253_402_300_799n, nanos: 999_999_999 }, ["timestamp.at_most_ahead"]],
    ["one after the last", { seconds: 253_402_300_800n }, ["timestamp.range"]],
    ["now, in milliseconds", { seconds: BigInt(NOW) }, ["timestamp.range"]],
    ["the largest", { seconds: 2n ** 63n - 1n, nanos: 2 ** 31 - 1 }, ["timestamp.range"]],
    ["the smallest", { seconds: -(2n ** 63n), nanos: -(2 ** 31) }, ["timestamp.range"]],
    ["with nanoseconds below 0", { seconds: 1n, nanos: -1 }, ["timestamp.range"]],
    ["with a second of nanoseconds", { seconds: 1n, nanos: 1_000_000_000 }, ["timestamp.range"]],
  ])("take a time, or refuse it: %s", (_, timestamp, rules) => {
    const { timestamp: __, ...others } = FAILURE;
    expect(broken({ ...others, ...(timestamp && { timestamp }) })).toEqual(
      rules.map((rule) => `failures[0].timestamp ${rule}`),
    );
  });

  it("are told in words that say where, and what APNs counts in", () => {
    const failures = [FAILURE, { ...FAILURE, timestamp: { seconds: BigInt(NOW) } }];
    const failure = violated(Report, create(Report, { failures }), NOW) ?? expect.fail("it is valid");
    expect(restError(failure).body.Message).toBe(
      "1 validation error detected: Value at 'Failures[1].Timestamp' failed to satisfy constraint: must be within the years 1 to 9999: it is in seconds since 1970, and APNs's timestamp, in milliseconds, is to be divided by 1000",
    );
    expect(rpcError(failure).message).toContain("'failures[1].timestamp'");
    const none = violated(Report, create(Report), NOW) ?? expect.fail("it is valid");
    expect(restError(none).body.Message).toBe(
      "1 validation error detected: Value at 'Failures' failed to satisfy constraint: must contain at least 1 item(s)",
    );
  });

  it.each<[string, DescMessage, Record<string, unknown>]>([
    ["failures", Report, { failures: Array(MOST + 1).fill({ ...FAILURE, appInstanceUserArn: "\n".repeat(1_601) }) }],
    ["users", Resolve, { appInstanceUserArns: Array(MOST + 1).fill("\n".repeat(1_601)) }],
    ["short ARNs", Resolve, { appInstanceUserArns: Array(MOST).fill("\n") }],
  ])("are told as far as gRPC's headers carry it, with how many there are: %s", (_, schema, members) => {
    const failure = violated(schema, create(schema, members), NOW) ?? expect.fail("it is valid");
    const { message, details } = rpcError(failure);
    expect(failure.count).toBeGreaterThanOrEqual(2 * MOST);
    expect(message).toContain(`${failure.count} validation errors detected: `);
    expect(message).toMatch(new RegExp(`; and ${failure.count - TOLD_MAX} more$`));
    const bytes = details.reduce((sum, { value }) => sum + value.length, message.length);
    // As the gateway's library writes them: grpc-message percent-encoded, and all of it once more in grpc-status-details-bin.
    expect(encodeURIComponent(message).length + (bytes * 4) / 3).toBeLessThan(7_500);
  });
});

describe("the ARN of a user", () => {
  /** What Register's pattern says of the last part, said by hand. */
  function namesUser(resource: string): boolean {
    const [type, appInstance = "", user, ...rest] = resource.split("/");
    const id = rest.join("/");
    return (
      type === "app-instance" &&
      !/[^\S ]/.test(appInstance) &&
      user === "user" &&
      rest.length > 0 &&
      ![appInstance, id].some((text) => text === "" || text.trim() !== text) &&
      !/[\n\r\u2028\u2029]/.test(id)
    );
  }

  // Those of an app instance name no user.
  const others = OPERATIONS.filter(
    ({ name, method: { input } }) => !name.startsWith("Register") && !isOfInstance(input),
  );

  function takes({ method: { input } }: Operation, appInstanceUserArn: string): boolean {
    const failure = { appInstanceUserArn, endpointId: "e", deviceToken: "d", reason: "r", timestamp: {} };
    const members: Record<string, unknown> = {
      ...{ appInstanceUserArn, endpointId: "e", appInstanceUserArns: [appInstanceUserArn], failures: [failure] },
    };
    return violated(input, create(input, members), NOW) === undefined;
  }

  const piece = fc.oneof(
    { arbitrary: fc.constantFrom("a", "b c", EMOJI), weight: 4 },
    fc.constantFrom("app-instance", "user", "/", "/user/", " ", "\t", "\n", "\u00a0", "\u2028", "\ufeff"),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  const odd = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
  const resource = fc.oneof(
    fc.tuple(odd, odd).map(([appInstance, user]) => `app-instance/${appInstance}/user/${user}`),
    odd,
  );

  it("names a user when it is registered under, as said by hand", () => {
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(resource, (resource) => {
        const isValid = broken({ appInstanceUserArn: `arn:aws:chime:us-east-1:1:${resource}` }).length === 0;
        seen[isValid ? "valid" : "invalid"]++;
        expect(isValid).toBe(namesUser(resource));
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(200);
  });

  it("is one that every other operation takes, if it was registered under", () => {
    const long = fc.tuple(
      fc.nat({ max: 1_100 }),
      fc.nat({ max: 1_100 }),
      fc.constantFrom("arn:a::::", "arn:aws:chime::1:"),
    );
    const registered = fc.oneof(
      resource.map((text) => `arn:a::::${text}`),
      long.map(([a, b, prefix]) => `${prefix}app-instance/${"a".repeat(a)}/user/${EMOJI.repeat(b)}`),
    );
    fc.assert(
      fc.property(registered, (appInstanceUserArn) => {
        fc.pre(broken({ appInstanceUserArn }).length === 0);
        expect(others.filter((other) => !takes(other, appInstanceUserArn))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(others)("may be any ARN to $name, so that what is stored under it stays reachable", (other) => {
    const arns = ["arn:aws:s3:::bucket", userArn("a", "b "), userArn("", ""), arnEnding(1024)];
    expect(arns.filter((arn) => !takes(other, arn))).toEqual([]);
  });
});

describe("an example in the proto", () => {
  /** A message that has what examples there are, in messages within it too, and one item in each list. */
  function withExamples(schema: DescMessage): Message {
    const values = schema.fields.map((member) => {
      const { message } = member;
      const value = message === undefined || isTimestamp(message) ? exampleIn(member) : withExamples(message);
      return [member.localName, member.fieldKind === "list" ? [value] : value];
    });
    return create(schema, Object.fromEntries(values));
  }

  it.each(OPERATIONS)("keeps the constraints that it stands beside: $name", ({ method: { input } }) => {
    const exemplary = withExamples(input);
    const violations = violated(input, exemplary, NOW)?.violations ?? [];
    expect(JSON.stringify(exemplary)).toContain(
      isOfInstance(input) ? "app-instance/demo" : "app-instance/demo/user/alice",
    );
    expect(violations.map(({ path }) => path.at(-1)?.member).filter((member) => member && exampleIn(member))).toEqual(
      [],
    );
  });
});

describe("what is checked here", () => {
  // By the platform's regular expressions, as here: the next test is about RE2's.
  const reference = createValidator({ regexMatch: (pattern, text) => new RegExp(pattern, "u").test(text) });

  const text = fc.oneof(
    fc.constantFrom("", "\n", "arn:a::::b", "x".repeat(64), "x".repeat(65), "x".repeat(1_600), EMOJI.repeat(1_601)),
    fc.string({ unit: "grapheme", maxLength: 70 }),
    fc.stringMatching(/^arn:[a-z0-9.-]{0,4}:[a-z]{0,2}:?:[^/]?.{0,9}$/),
  );

  /** Values at an edge of what is allowed, or beyond it. */
  const PARTS: Parts = {
    text,
    int32: fc.constantFrom(-1, 0, 1, 50, 51, 2 ** 31 - 1),
    enumeration: () => fc.integer({ min: -1, max: 5 }),
    time: fc.integer({ max: NOW }).map((ms) => timestampFromMs(ms)),
    list: (item) =>
      fc.oneof(
        { weight: 4, arbitrary: fc.array(item, { maxLength: 3 }) },
        // As many as there may be, and one more: the same ones, which are soon made.
        fc.tuple(item, fc.constantFrom(MOST, MOST + 1)).map(([made, length]) => Array(length).fill(made)),
      ),
  };

  /** Items beyond the most that there may be are not: that there are too many is told. */
  function isLookedAt({ field }: Violation): boolean {
    return !field?.elements.some(({ subscript }) => subscript.case === "index" && subscript.value >= MOST);
  }

  it.each(OPERATIONS)("of $name is what protovalidate checks, told alike", ({ method: { input } }) => {
    let broken = 0;
    fc.assert(
      fc.property(messagesOf(input, PARTS), (request) => {
        const [expected] = violationsToProto(reference.validate(input, request).violations ?? []);
        const failure = violated(input, request, NOW);
        const told = failure && rpcError(failure).details[1];
        const all = fromBinary(ViolationsSchema, toBinary(Reference, expected)).violations.filter(isLookedAt);
        expect(failure?.count ?? 0).toBe(all.length);
        expect(told?.debug ?? {}).toEqual(
          toJson(ViolationsSchema, create(ViolationsSchema, { violations: all.slice(0, TOLD_MAX) })),
        );
        broken += failure === undefined ? 0 : 1;
      }),
      { numRuns: 300 },
    );
    expect(broken).toBeGreaterThan(100);
  });
});

describe("the patterns", () => {
  const inRe2 = createValidator();
  // RE2's dot takes these line terminators, that of JavaScript and of Java, which AWS runs on, does not: see below.
  const LINE_TERMINATORS = /[\r\u2028\u2029]/;
  // White space to JavaScript, and to RE2 none: others may take it at the ends of a user's id, and the server does not.
  const WIDE_SPACE = /[^\S \t\n\f\r]/;

  it("mean the same to RE2, by which others check them, as here", () => {
    const text = fc
      .oneof(
        fc.string({ unit: "binary" }),
        fc.stringMatching(/^arn:[a-z0-9.-]{0,4}:[a-z0-9.-]{0,3}:?[a-z0-9.-]{0,3}:[a-z0-9.-]{0,3}:.{0,20}$/su),
        fc.stringMatching(/^[-_a-zA-Z0-9 \n]{0,70}$/),
      )
      .filter((value) => !LINE_TERMINATORS.test(value));
    const userArnText = fc
      .tuple(text, text)
      .map(([appInstance, user]) => userArn(appInstance, user))
      .filter((value) => !WIDE_SPACE.test(value));
    fc.assert(
      fc.property(text, text, text, userArnText, (resourceArn, name, clientRequestToken, appInstanceUserArn) => {
        const texts = { resourceArn, name, clientRequestToken, appInstanceUserArn };
        const request = create(Register, { ...VALID, ...texts } as Register);
        const rules = (violations: readonly { ruleId: string }[] = []) => violations.map(({ ruleId }) => ruleId);
        const here = violated(Register, request, NOW);
        expect(rules(here?.violations)).toEqual(rules(inRe2.validate(Register, request).violations));
      }),
      { numRuns: 300 },
    );
  });

  it.each(["\r", "\u2028", "\u2029"])("refuse the line terminator %j as AWS does", (terminator) => {
    expect(broken({ name: `a${terminator}b` })).toEqual(["name string.pattern"]);
  });
});
