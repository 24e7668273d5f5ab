/**
 * Holds requests to the constraints of the proto: the rules of buf.validate that ours use (rules), checked member by
 * member, as protovalidate does it, to which a test holds this. protovalidate itself brings CEL along, which none of our
 * rules needs and which takes longer to start than all the rest of the Worker.
 */
import { type DescField, type DescMessage, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import { FieldRulesSchema, field as fieldRules } from "../../../gen/buf/validate/validate_pb.ts";
import type { ConstraintsViolated, Violation } from "../../model/failure.ts";
import { rulesOf } from "./rules.ts";

/** The constraints that a request breaks, all at once. */
export function violated(schema: DescMessage, request: Message): ConstraintsViolated | undefined {
  const [first, ...others] = violationsIn(schema, request);
  return first && { kind: "invalid", reason: "CONSTRAINTS_VIOLATED", violations: [first, ...others] };
}

/** What is wrong with one member of a message. */
type Check = (message: Message) => readonly Violation[];

const planned = new Map<DescMessage, readonly Check[]>();

/** Plans the checks of a message, and of all within it. Throws for a rule that is not known, so that none is left out. */
export function plan(schema: DescMessage): readonly Check[] {
  const checks = planned.get(schema) ?? schema.fields.map(checkOf);
  planned.set(schema, checks);
  return checks;
}

function violationsIn(schema: DescMessage, message: Message): Violation[] {
  return plan(schema).flatMap((check) => check(message));
}

function checkOf(member: DescField): Check {
  const check = valueCheckOf(member);
  const { required } = getOption(member, fieldRules);
  // A member without presence is never absent: its zero value is a value like any other.
  const mayBeAbsent = member.presence !== Presence.IMPLICIT;
  return (message) => {
    const isSet = isFieldSet(message, member);
    if (required && !isSet) {
      return [{ ...REQUIRED, members: [member] }];
    }
    return isSet || !mayBeAbsent ? check(valueIn(message, member)) : [];
  };
}

const REQUIRED = { rule: [FieldRulesSchema.field.required], ruleId: "required", message: "value is required" };

function valueCheckOf(member: DescField): (value: unknown) => readonly Violation[] {
  switch (member.fieldKind) {
    case "message": {
      const { message: schema } = member;
      plan(schema);
      return (value) =>
        violationsIn(schema, value as Message).map((inner) => ({ ...inner, members: [member, ...inner.members] }));
    }
    case "scalar":
    case "enum": {
      const rules = rulesOf(member);
      return (value) =>
        rules.filter(({ isKept }) => !isKept(value)).map(({ isKept: _, ...rule }) => ({ ...rule, members: [member] }));
    }
    case "list":
    case "map":
      throw new TypeError(`${member} is a ${member.fieldKind}, which no request of ours has`);
  }
}

function valueIn(message: Message, { localName }: DescField): unknown {
  return (message as Message & Record<string, unknown>)[localName];
}
