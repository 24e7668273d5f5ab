/** Messages, enums and members as JSON Schema, the way REST spells them and the server enforces them. */
import { type DescEnum, type DescField, type DescMessage, getOption, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { type FieldRules, FieldRulesSchema, field as rulesOf } from "../gen/buf/validate/validate_pb.ts";
import { isTimestamp, REST } from "../worker/transport/messages/dialect.ts";
import type { Comments } from "./comments.ts";
import { type JsonObject, ref } from "./json.ts";

/** The keyword that says the same as a constraint. Both count characters in Unicode code points. */
const KEYWORDS: Readonly<Record<string, string>> = {
  min_len: "minLength",
  max_len: "maxLength",
  pattern: "pattern",
  gte: "minimum",
  lte: "maximum",
  min_items: "minItems",
  max_items: "maxItems",
};

/** Constraints that are no keywords: examples, and those of the items of a list, which stand with the items. */
const SAID_ELSEWHERE = ["example", "items"];

/** An object of these members of a message. */
export function messageSchema(message: DescMessage, members: readonly DescField[], comments: Comments): JsonObject {
  const required = members.filter(isRequired).map((member) => REST.names(member)[0]);
  return {
    type: "object",
    description: comments(message),
    properties: Object.fromEntries(members.map((member) => [REST.names(member)[0], memberSchema(member, comments)])),
    ...(required.length > 0 && { required }),
  };
}

/** One of the values that an enum declares; its zero is none that REST spells. */
export function enumSchema(desc: DescEnum, comments: Comments): JsonObject {
  const values = desc.values.filter(({ number }) => number !== 0);
  const meanings = values.map((value) => `- \`${REST.enumName(value)}\`: ${comments(value)}`);
  return {
    type: "string",
    description: [comments(desc), "", ...meanings].join("\n"),
    enum: values.map((value) => REST.enumName(value)),
  };
}

export function memberSchema(member: DescField, comments: Comments): JsonObject {
  return {
    ...typeOf(member),
    description: comments(member),
    ...constraintsOf(member),
    // Never logged, and not told in an error.
    ...(member.proto.options?.debugRedact && { "x-sensitive": true }),
  };
}

/** The lists of requests are those that have bounds. Those of responses are written also if they are empty. */
export function isRequired(member: DescField): boolean {
  const { required, type } = getOption(member, rulesOf);
  return required || (type.case === "repeated" ? type.value.minItems > 0n : member.fieldKind === "list");
}

/** The messages and enums that stand in a message, at whatever depth. */
export function typesWithin(message: DescMessage): (DescMessage | DescEnum)[] {
  return message.fields.flatMap((member) => {
    if (member.enum !== undefined) {
      return [member.enum];
    }
    const isType = member.message !== undefined && !isTimestamp(member.message);
    return isType ? [member.message, ...typesWithin(member.message)] : [];
  });
}

function typeOf(member: DescField): JsonObject {
  switch (member.fieldKind) {
    case "list":
      return { type: "array", items: { ...typeOfOne(member), ...keywordsFor(itemRulesOf(member), member) } };
    case "map":
      throw new TypeError(`${member} is a map, which no message of ours has`);
    default:
      return typeOfOne(member);
  }
}

/** Of a value of the member, or of one item where it is a list. */
function typeOfOne({ scalar, enum: values, message }: DescField): JsonObject {
  if (message !== undefined) {
    return isTimestamp(message) ? { type: "number" } : ref("schemas", message.name);
  }
  return values === undefined ? scalarType(scalar) : ref("schemas", values.name);
}

function itemRulesOf(member: DescField): FieldRules | undefined {
  const { type } = getOption(member, rulesOf);
  return type.case === "repeated" ? type.value.items : undefined;
}

function scalarType(type: ScalarType | undefined): JsonObject {
  switch (type) {
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.INT32:
      return { type: "integer", format: "int32" };
    default:
      throw new TypeError(`scalar ${type && ScalarType[type]} is one that no message of ours has`);
  }
}

function constraintsOf(member: DescField): JsonObject {
  const rules = getOption(member, rulesOf);
  // Where a text can't tell absence from emptiness, to be required is not to be empty.
  const isNeverEmpty = rules.required && member.fieldKind === "scalar" && member.scalar === ScalarType.STRING;
  return { ...(isNeverEmpty && { minLength: 1 }), ...keywordsFor(rules, member) };
}

/** Throws for a constraint that has no keyword here, so that none is left out. */
function keywordsFor(rules: FieldRules | undefined, member: DescField): JsonObject {
  const { type } = rules ?? {};
  const schema = FieldRulesSchema.fields.find(({ localName }) => localName === type?.case)?.message;
  // What an enum declares is all that its schema has.
  if (type?.value === undefined || schema === undefined || type.case === "enum") {
    return {};
  }
  const constraints = reflect(schema, type.value);
  return Object.fromEntries(
    constraints.fields
      .filter((rule) => constraints.isSet(rule) && !SAID_ELSEWHERE.includes(rule.name))
      .map((constraint) => {
        const keyword = KEYWORDS[constraint.name];
        if (keyword === undefined) {
          throw new TypeError(`${member} has the constraint ${constraint.name}, which is not described yet`);
        }
        const value = constraints.get(constraint);
        return [keyword, typeof value === "bigint" ? Number(value) : value];
      }),
  );
}
