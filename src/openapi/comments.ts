import {
  createFileRegistry,
  type DescEnum,
  type DescEnumValue,
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { getComments } from "@bufbuild/protoplugin";
import { pascalCase } from "../worker/transport/messages/dialect.ts";

type Documented = DescService | DescMethod | DescMessage | DescField | DescEnum | DescEnumValue;

/** What the proto says of something, in Markdown. Throws where it says nothing. */
export type Comments = (desc: Documented) => string;

/**
 * The comments of the rollcall package, out of a compiled image of it: generated code has none. Members that they
 * name are spelled as REST spells them.
 */
export function commentsIn(image: Uint8Array): Comments {
  const documented = everythingIn(image);
  const members = new Set(documented.flatMap((desc) => (desc.kind === "field" ? [desc.name] : [])));
  const spelled = (text: string) =>
    text.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (word) => (members.has(word) ? `\`${pascalCase(word)}\`` : word));
  const comments = new Map(documented.map((desc) => [String(desc), spelled(paragraphs(getComments(desc).leading))]));
  return (desc) => {
    const comment = comments.get(String(desc));
    if (!comment) {
      throw new Error(`The proto says nothing of ${desc}`);
    }
    return comment;
  };
}

/** The first sentence of a comment, and what comes after it. */
export function summarised(comment: string): [summary: string, description: string] {
  const [summary = "", description = ""] = comment.split(/(?<=\.)\s+(.*)/s);
  return [summary, description];
}

function everythingIn(image: Uint8Array): Documented[] {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  return Array.from(registry).flatMap(withItsParts);
}

function withItsParts(type: DescService | DescMessage | DescEnum | DescExtension): Documented[] {
  switch (type.kind) {
    case "service":
      return [type, ...type.methods];
    case "message":
      return [type, ...type.fields];
    case "enum":
      return [type, ...type.values];
    case "extension":
      return [];
  }
}

/** A comment's lines, those of a paragraph as one. */
function paragraphs(comment = ""): string {
  return comment
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replace(/\s*\n\s*/g, " "))
    .join("\n\n");
}
