import type { DescExtension, DescField, DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { file_buf_validate_validate as real } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { describe, expect, it } from "vitest";
import { file_buf_validate_validate as ours } from "../../src/client/gen/buf/validate/validate_pb.ts";

/** What a field is on the wire and in generated code, by its name. */
function fieldsOf(file: DescFile): Record<string, unknown> {
  const types = [...nestedTypes(file)];
  const fields: (DescField | DescExtension)[] = types.flatMap((type) => (type.kind === "message" ? type.fields : []));
  const extensions = types.filter((type) => type.kind === "extension");
  return Object.fromEntries([...fields, ...extensions].map((field) => [String(field), wire(field)]));
}

function wire(field: DescField | DescExtension): unknown {
  const { number, type, typeName, label, jsonName, extendee } = field.proto;
  return { number, type, typeName, label, jsonName, extendee, oneof: field.oneof?.name };
}

// Those of google are held to the real ones by test/interop/test_protos.py.
describe("proto/buf", () => {
  it("is a part of protovalidate's schema", () => {
    expect(fieldsOf(ours)).not.toEqual({});
    expect(fieldsOf(real)).toMatchObject(fieldsOf(ours));
  });

  it("has the options of the real file", () => {
    expect(ours.proto.options).toEqual(real.proto.options);
  });
});
