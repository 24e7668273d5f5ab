import type { DescEnumValue, DescField } from "@bufbuild/protobuf";

type Names = readonly [string, ...string[]];

/** How messages are spelled as plain data. The proto says what there is; a dialect only how it is called. */
export interface Dialect {
  /** The names that a member is read by. It is written by the first. */
  readonly names: (member: DescField) => Names;
  readonly enumName: (value: DescEnumValue) => string;
  /** Proto3 JSON alone reads an enum's number for its name, and a number inside a string. */
  readonly proto3Liberties: boolean;
  /** Timestamps are numbers since 1970 in this unit. */
  readonly timestampUnitMs: number;
}

/** AWS's restJson1: PascalCase members, bare enum values, seconds. Milliseconds survive as decimals. */
export const REST: Dialect = {
  names: spelledOnce((member) => [pascalCase(member.name)]),
  enumName: (value) => value.localName,
  proto3Liberties: false,
  timestampUnitMs: 1_000,
};

/** The JSON mapping of Protobuf, as far as requests need it; Connect itself writes the responses. */
export const PROTO3_JSON: Dialect = {
  names: spelledOnce((member) => [member.jsonName, member.name]),
  enumName: (value) => value.name,
  proto3Liberties: true,
  timestampUnitMs: 1,
};

/** What crosses RPC to a user's object: see model/operations. */
export const INTERNAL: Dialect = {
  names: spelledOnce((member) => [member.localName]),
  enumName: (value) => value.localName,
  proto3Liberties: false,
  timestampUnitMs: 1,
};

/** Every call asks for the names of the same few members. */
function spelledOnce(spell: Dialect["names"]): Dialect["names"] {
  const spelled = new Map<DescField, Names>();
  return (member) => {
    const names = spelled.get(member) ?? spell(member);
    spelled.set(member, names);
    return names;
  };
}

/** "app_instance_user_arn" to "AppInstanceUserArn". */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** "max_results" to "max-results", as restJson1 spells query members. */
export function kebabCase(name: string): string {
  return name.replaceAll("_", "-");
}
