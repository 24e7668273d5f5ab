import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { WORKER_BUNDLE } from "../support/build.ts";

/** What is a little more than it weighs now. Who needs more says so here, and why. */
const MOST_KB = 300;
const MOST_COMPRESSED_KB = 100;

describe("the bundle", () => {
  const bundle = readFileSync(WORKER_BUNDLE);

  it("does not grow unseen", () => {
    expect(bundle.byteLength / 1_000).toBeLessThan(MOST_KB);
    expect(gzipSync(bundle).byteLength / 1_000).toBeLessThan(MOST_COMPRESSED_KB);
  });

  it("does not ask for Node's process, which the runtime takes a tenth of the start to make", () => {
    expect(bundle.toString()).not.toMatch(/\btypeof process\b|\bprocess\.env\b/);
  });
});
