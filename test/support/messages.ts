/** Made-up messages of any schema, for properties that hold for all of them. */
import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import fc from "fast-check";
import { isTimestamp } from "../../src/worker/transport/messages/dialect.ts";

/** What messages are made of, but for messages. */
export interface Parts {
  readonly text: fc.Arbitrary<string>;
  readonly int32: fc.Arbitrary<number>;
  readonly enumeration: (member: DescField) => fc.Arbitrary<number>;
  readonly time: fc.Arbitrary<{ readonly seconds: bigint; readonly nanos: number }>;
  readonly list: (item: fc.Arbitrary<unknown>) => fc.Arbitrary<readonly unknown[]>;
}

/** Messages with each of their members or without. */
export function messagesOf(schema: DescMessage, parts: Parts): fc.Arbitrary<Message> {
  const members = schema.fields.map((member) => {
    const value = valuesOf(member, parts);
    return [member.localName, member.fieldKind === "list" ? parts.list(value) : value] as const;
  });
  return fc
    .record(Object.fromEntries(members), { requiredKeys: [] })
    .map((values) => create(schema, values as Record<string, unknown>));
}

function valuesOf(member: DescField, parts: Parts): fc.Arbitrary<unknown> {
  if (member.message !== undefined) {
    return isTimestamp(member.message) ? parts.time : messagesOf(member.message, parts);
  }
  if (member.enum !== undefined) {
    return parts.enumeration(member);
  }
  switch (member.scalar) {
    case ScalarType.STRING:
      return parts.text;
    case ScalarType.INT32:
      return parts.int32;
    default:
      throw new TypeError(`${member} is of a kind of which none are made up here`);
  }
}
