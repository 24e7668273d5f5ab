import type { DescEnumValue, DescField } from "@bufbuild/protobuf";

type Names = readonly [string, ...string[]];

/** How messages are spelled in JSON. The proto says what there is; a dialect only how it is called. */
export interface Dialect {
  /** The names that a member is read by. It is written by the first. */
  readonly names: (member: DescField) => Names;
  readonly enumName: (value: DescEnumValue) => string;
  /** Whether an enum's number stands for its name, and a number may come in quotes: in proto3 JSON alone. */
  readonly acceptsNumbersAndStrings: boolean;
}

/** AWS's restJson1: PascalCase members, bare enum values. */
export const REST: Dialect = {
  names: spelledOnce((member) => [pascalCase(member.name)]),
  enumName: (value) => value.localName,
  acceptsNumbersAndStrings: false,
};

/** The JSON mapping of Protobuf, by which requests are read. Responses are written by protobuf-es (rpc/codec). */
export const PROTO3_JSON: Dialect = {
  names: spelledOnce(({ jsonName, name }) => (jsonName === name ? [name] : [jsonName, name])),
  enumName: (value) => value.name,
  acceptsNumbersAndStrings: true,
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
