import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { BUNDLER, complaints, NODE, WORKERS } from "../support/type-check.ts";

const { folder } = inject("installedClient");

describe("the types of the package", () => {
  it.each([
    ["for browsers, under strict NodeNext", {}],
    ["for browsers, by a bundler's rules", BUNDLER],
    ["for Node", NODE],
    ["for Workers", WORKERS],
  ])("hold: %s", (_, options) => {
    const story = readFileSync(join(folder, "story.ts"), "utf8");
    writeFileSync(join(folder, "entries.ts"), `${story}\nexport * from "rollcall-client/senders";\n`);
    expect(complaints(folder, "entries.ts", options)).toBe("");
  });

  it.each([
    ["an answer", "const id: number = (await client.registerAppInstanceUserEndpoint({})).endpointId;"],
    ["a member of a request", 'await client.registerAppInstanceUserEndpoint({ deviceToken: "d" });'],
    ["a request for all endpoints", "client.listAllAppInstanceUserEndpoints({});"],
    ["credentials", 'createRollcallClient({ baseUrl: "", credentials: { accessKeyId: "a" } });'],
    ["a conflict", 'if (failure.kind === "conflict") failure.retryAfterMs;'],
    ["a throttled call", 'if (failure.kind === "throttled") failure.endpointId;'],
  ])("refuse what is wrong with %s", (_, line) => {
    const code = `
      import { createRollcallClient, type RollcallFailure } from "rollcall-client";
      const client = createRollcallClient({ baseUrl: "", credentials: "" });
      export declare const failure: RollcallFailure;
      ${line}
    `;
    writeFileSync(join(folder, "wrong.ts"), code);
    expect(complaints(folder, "wrong.ts")).toMatch(/^wrong\.ts\(5,\d+\): error/m);
  });
});
