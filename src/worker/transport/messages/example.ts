import { type DescField, getOption } from "@bufbuild/protobuf";
import { field as rulesOf } from "../../../gen/buf/validate/validate_pb.ts";

/** The example of a text that the proto has beside its constraints; of a list of texts, the example of an item. */
export function exampleIn(member: DescField): string | undefined {
  if (!examples.has(member)) {
    const { type } = getOption(member, rulesOf);
    const { type: textType } = type.case === "repeated" ? (type.value.items ?? {}) : { type };
    examples.set(member, textType?.case === "string" ? textType.value.example[0] : undefined);
  }
  return examples.get(member);
}

/** Refusals ask for those of the same few members. */
const examples = new Map<DescField, string | undefined>();
