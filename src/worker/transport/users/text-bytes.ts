import { Buffer } from "node:buffer";

/** About how long a value is as JSON: all of its text, and a little for each member. */
export function textBytes(value: unknown): number {
  if (typeof value === "string") {
    return Buffer.byteLength(value);
  }
  if (typeof value !== "object" || value === null) {
    return NUMBER_BYTES;
  }
  let bytes = 0;
  for (const member of Object.values(value)) {
    bytes += MEMBER_BYTES + textBytes(member);
  }
  return bytes;
}

/** A name, its quotation marks, a colon and a comma. */
const MEMBER_BYTES = 24;

/** A timestamp is two. */
const NUMBER_BYTES = 16;
