/**
 * The rules of buf.validate that our constraints use. Their ids and words are those of protovalidate 1.3, by which others
 * check the same constraints.
 */
import { create, type DescField, type DescMessage, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import {
  EnumRulesSchema,
  type FieldRules,
  FieldRulesSchema,
  field as fieldRules,
  type Int32Rules,
  Int32RulesSchema,
  type RepeatedRules,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
} from "../../../gen/buf/validate/validate_pb.ts";
import type { Violation } from "../../model/failure.ts";
import { isTimestamp } from "./dialect.ts";
import { timestampRules } from "./timestamp-rules.ts";

export interface Rule extends Omit<Violation, "path"> {
  /** Whether a value keeps it, at a time in milliseconds since 1970. */
  readonly isKept: (value: unknown, now: number) => boolean;
}

/** The rules for a member's value. Throws TypeError for one that is not known here, so that none is left out. */
export function rulesOf(member: DescField): readonly Rule[] {
  return rulesIn(getOption(member, fieldRules), member);
}

/** The rules for each item of a list. */
export function itemRulesOf(member: DescField): readonly Rule[] {
  const { items } = listRulesOf(member);
  const { repeated } = FieldRulesSchema.field;
  if (items?.required) {
    throw new TypeError(`${member} has items that are required, which no item can fail to be`);
  }
  const rules = items === undefined ? [] : rulesIn(items, member);
  return rules.map((rule) => ({ ...rule, rule: [repeated, RepeatedRulesSchema.field.items, ...rule.rule] }));
}

/** The most items that a list of a request may have. Throws for one without end. */
export function mostItems(member: DescField): number {
  const most = bounds.get(member) ?? Number(listRulesOf(member).maxItems);
  if (most === 0) {
    throw new TypeError(`${member} may have any number of items: bound it by max_items`);
  }
  bounds.set(member, most);
  return most;
}

/** Every call asks for those of the same few lists. */
const bounds = new Map<DescField, number>();

function listRulesOf(member: DescField): RepeatedRules {
  const { type } = getOption(member, fieldRules);
  return type.case === "repeated" ? type.value : create(RepeatedRulesSchema);
}

function rulesIn({ type }: FieldRules, member: DescField): readonly Rule[] {
  switch (type.case) {
    case undefined:
      return member.message !== undefined && isTimestamp(member.message) ? timestampRules(member) : [];
    case "repeated":
      refuseOthers(member, RepeatedRulesSchema, type.value, ["min_items", "max_items", "items"]);
      return repeatedRules(type.value);
    case "string":
      refuseOthers(member, StringRulesSchema, type.value, ["min_len", "max_len", "pattern", "example"]);
      return stringRules(type.value);
    case "int32":
      refuseOthers(member, Int32RulesSchema, type.value, ["gte", "lte"]);
      return int32Rules(type.value);
    case "enum":
      refuseOthers(member, EnumRulesSchema, type.value, ["defined_only"]);
      return type.value.definedOnly ? [definedOnly(member)] : [];
  }
}

function refuseOthers(member: DescField, schema: DescMessage, rules: Message, known: readonly string[]): void {
  for (const rule of schema.fields) {
    if (isFieldSet(rules, rule) && !known.includes(rule.name)) {
      throw new TypeError(`${member} has the constraint ${rule.name}, which is not known here`);
    }
  }
}

function repeatedRules(rules: RepeatedRules): Rule[] {
  const { minItems, maxItems } = rules;
  const { repeated } = FieldRulesSchema.field;
  const { field } = RepeatedRulesSchema;
  const found: Rule[] = [];
  if (isFieldSet(rules, field.minItems)) {
    found.push({
      rule: [repeated, field.minItems],
      ruleId: "repeated.min_items",
      message: `must contain at least ${minItems} item(s)`,
      isKept: (list) => (list as unknown[]).length >= minItems,
    });
  }
  if (isFieldSet(rules, field.maxItems)) {
    found.push({
      rule: [repeated, field.maxItems],
      ruleId: "repeated.max_items",
      message: `must contain no more than ${maxItems} item(s)`,
      isKept: (list) => (list as unknown[]).length <= maxItems,
    });
  }
  return found;
}

/** Lengths are in code points, each of which is one or two of JavaScript's: most texts need no counting. */
function stringRules(rules: StringRules): Rule[] {
  const { pattern } = rules;
  const [minLen, maxLen] = [Number(rules.minLen), Number(rules.maxLen)];
  const { string } = FieldRulesSchema.field;
  const { field } = StringRulesSchema;
  const found: Rule[] = [];
  if (isFieldSet(rules, field.minLen)) {
    found.push({
      rule: [string, field.minLen],
      ruleId: "string.min_len",
      message: `must be at least ${minLen} characters`,
      isKept: (value) => String(value).length >= 2 * minLen || codePoints(value) >= minLen,
    });
  }
  if (isFieldSet(rules, field.maxLen)) {
    found.push({
      rule: [string, field.maxLen],
      ruleId: "string.max_len",
      message: `must be at most ${maxLen} characters`,
      isKept: (value) => String(value).length <= maxLen || codePoints(value) <= maxLen,
    });
  }
  if (isFieldSet(rules, field.pattern)) {
    // The platform's engine: RE2 guards against patterns that are not trusted, and these are our own.
    const expression = new RegExp(pattern, "u");
    found.push({
      rule: [string, field.pattern],
      ruleId: "string.pattern",
      message: `does not match regex pattern \`${pattern}\``,
      isKept: (value) => expression.test(String(value)),
    });
  }
  return found;
}

function codePoints(value: unknown): number {
  let count = 0;
  for (const _ of String(value)) {
    count++;
  }
  return count;
}

/** Both bounds together are one rule, which stands where the lower one does. */
function int32Rules({ greaterThan, lessThan }: Int32Rules): Rule[] {
  const { int32 } = FieldRulesSchema.field;
  const { field } = Int32RulesSchema;
  const least = greaterThan.value ?? Number.NEGATIVE_INFINITY;
  const most = lessThan.value ?? Number.POSITIVE_INFINITY;
  const bounds = [
    ...(greaterThan.case === undefined ? [] : [{ id: "gte", words: `greater than or equal to ${least}` }]),
    ...(lessThan.case === undefined ? [] : [{ id: "lte", words: `less than or equal to ${most}` }]),
  ];
  return bounds.length === 0
    ? []
    : [
        {
          rule: [int32, greaterThan.case === undefined ? field.lte : field.gte],
          ruleId: `int32.${bounds.map(({ id }) => id).join("_")}`,
          message: `must be ${bounds.map(({ words }) => words).join(" and ")}`,
          isKept: (value) => Number(value) >= least && Number(value) <= most,
        },
      ];
}

function definedOnly(member: DescField): Rule {
  return {
    rule: [FieldRulesSchema.field.enum, EnumRulesSchema.field.definedOnly],
    ruleId: "enum.defined_only",
    message: "value must be one of the defined enum values",
    isKept: (value) => member.enum?.value[Number(value)] !== undefined,
  };
}
