/**
 * Holds requests to the constraints of the proto: the rules of buf.validate that ours use (rules), checked member by
 * member, as protovalidate does it, to which a test holds this. protovalidate itself brings CEL along, which none of our
 * rules needs and which takes longer to start than all the rest of the Worker.
 */
import { type DescField, type DescMessage, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import { FieldRulesSchema, field as fieldRules } from "../../../gen/buf/validate/validate_pb.ts";
import type { ConstraintsViolated, Step, Violation } from "../../model/failure.ts";
import { isTimestamp } from "./dialect.ts";
import { itemRulesOf, mostItems, type Rule, rulesOf } from "./rules.ts";

/** How many violations are told. gRPC carries them in its headers, of which many clients read 8 KiB and no more. */
export const TOLD_MAX = 8;

/** The constraints that a request breaks at a time (in milliseconds since 1970): the first of them, and how many there are. */
export function violated(schema: DescMessage, request: Message, now: number): ConstraintsViolated | undefined {
  const all = violationsIn(schema, request, now);
  const [first, ...others] = all.slice(0, TOLD_MAX);
  return (
    first && { kind: "invalid", reason: "CONSTRAINTS_VIOLATED", violations: [first, ...others], count: all.length }
  );
}

/** What is wrong with a message, or with a value: the paths begin there. */
type Check<Value> = (value: Value, now: number) => readonly Violation[];

const planned = new Map<DescMessage, readonly Check<Message>[]>();

/** Plans the checks of a message, and of all within it. Throws for a rule that is not known, so that none is left out. */
export function plan(schema: DescMessage): readonly Check<Message>[] {
  const known = planned.get(schema);
  if (known !== undefined) {
    return known;
  }
  const checks = schema.fields.map(checkOf);
  planned.set(schema, checks);
  return checks;
}

function violationsIn(schema: DescMessage, message: Message, now: number): readonly Violation[] {
  let all = NONE;
  for (const check of plan(schema)) {
    const found = check(message, now);
    all = found.length === 0 ? all : [...all, ...found];
  }
  return all;
}

/** What nearly every check comes to. */
const NONE: readonly Violation[] = [];

function checkOf(member: DescField): Check<Message> {
  const check = member.fieldKind === "list" ? listCheckOf(member) : memberCheckOf(member);
  const { required } = getOption(member, fieldRules);
  // A member without presence is never absent: its zero value is a value like any other.
  const mayBeAbsent = member.presence !== Presence.IMPLICIT;
  return (message, now) => {
    const isSet = isFieldSet(message, member);
    if (required && !isSet) {
      return [{ ...REQUIRED, path: [{ member }] }];
    }
    return isSet || !mayBeAbsent ? check(valueIn(message, member), now) : NONE;
  };
}

const REQUIRED = { rule: [FieldRulesSchema.field.required], ruleId: "required", message: "value is required" };

function memberCheckOf(member: DescField): Check<unknown> {
  const check = valueCheckOf(member, rulesOf(member));
  return (value, now) => within({ member }, check(value, now));
}

/** Items beyond the most that there may be are not looked at: that there are too many is said. */
function listCheckOf(member: DescField): Check<unknown> {
  const checkList = brokenOf(rulesOf(member));
  const checkItem = valueCheckOf(member, itemRulesOf(member));
  const most = mostItems(member);
  return (list, now) => [
    ...within({ member }, checkList(list, now)),
    ...(list as unknown[]).slice(0, most).flatMap((item, index) => within({ member, index }, checkItem(item, now))),
  ];
}

/** A value of a member, or an item of a list. A message is checked member by member, but for a time, which is one value. */
function valueCheckOf({ message: schema }: DescField, rules: readonly Rule[]): Check<unknown> {
  if (schema === undefined || isTimestamp(schema)) {
    return brokenOf(rules);
  }
  plan(schema);
  return (value, now) => violationsIn(schema, value as Message, now);
}

function brokenOf(rules: readonly Rule[]): Check<unknown> {
  return (value, now) => {
    const broken = rules.filter(({ isKept }) => !isKept(value, now));
    return broken.length === 0 ? NONE : broken.map(({ isKept: _, ...rule }) => ({ ...rule, path: [] }));
  };
}

function within(step: Step, violations: readonly Violation[]): readonly Violation[] {
  return violations.length === 0
    ? violations
    : violations.map((violation) => ({ ...violation, path: [step, ...violation.path] }));
}

function valueIn(message: Message, { localName }: DescField): unknown {
  return (message as Message & Record<string, unknown>)[localName];
}
