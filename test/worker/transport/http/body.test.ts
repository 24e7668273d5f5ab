import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BODY_MAX_BYTES } from "../../../../src/worker/model/limits.ts";
import { gunzip } from "../../../../src/worker/transport/http/body.ts";

function gzipped(bytes: number): Uint8Array {
  return gzipSync(new Uint8Array(bytes));
}

describe("a compressed body", () => {
  it("is read up to the bound, and is too large beyond it, by one byte as by many", () => {
    expect(gunzip(gzipped(BODY_MAX_BYTES))).toHaveLength(BODY_MAX_BYTES);
    for (const bytes of [BODY_MAX_BYTES + 1, 4 * BODY_MAX_BYTES]) {
      expect(gunzip(gzipped(bytes))).toMatchObject({ kind: "too_large", reason: "BODY_TOO_LARGE" });
    }
  });

  it("that is no gzip, or not all of one, can't be read", () => {
    for (const body of [new Uint8Array([1, 2, 3]), gzipped(1_000).subarray(0, 20)]) {
      expect(gunzip(body)).toMatchObject({ kind: "invalid", reason: "UNREADABLE_REQUEST" });
    }
  });
});
