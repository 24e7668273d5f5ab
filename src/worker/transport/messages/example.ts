import { type DescField, getOption } from "@bufbuild/protobuf";
import { field as rulesOf } from "../../../gen/buf/validate/validate_pb.ts";

/** The example of a text that the proto has beside its constraints. */
export function exampleIn(member: DescField): string | undefined {
  const { type } = getOption(member, rulesOf);
  return type.case === "string" ? type.value.example[0] : undefined;
}
