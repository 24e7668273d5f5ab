import { Buffer } from "node:buffer";

/** About how long a value is as JSON: all of its text, escaped, and a little for each member. */
export function jsonBytes(value: unknown): number {
  if (typeof value === "string") {
    return Buffer.byteLength(ESCAPED.test(value) ? JSON.stringify(value) : value);
  }
  if (typeof value !== "object" || value === null) {
    return NUMBER_BYTES;
  }
  let bytes = 0;
  for (const member of Object.values(value)) {
    bytes += MEMBER_BYTES + jsonBytes(member);
  }
  return bytes;
}

/** What takes several characters in JSON, of which six are the most. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPED = /[\u0000-\u001f"\\]/;

/** A name, its quotation marks, a colon and a comma. */
const MEMBER_BYTES = 24;

/** A timestamp is two. */
const NUMBER_BYTES = 16;
