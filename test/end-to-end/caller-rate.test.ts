import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bearerOf } from "../support/credentials.ts";
import { freshUserArn } from "../support/requests.ts";
import { serve } from "../support/server.ts";
import { connectRegister, restRegister, send } from "../support/wire.ts";

const root = join(import.meta.dirname, "../..");
const LIMIT = 5;

/** wrangler.toml with a limit that is soon reached. */
const withLimit = ".wrangler-with-limit.toml";
const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
writeFileSync(join(root, withLimit), toml.replaceAll("limit = 1000,", `limit = ${LIMIT},`));
afterAll(() => rmSync(join(root, withLimit)));

const server = serve({ LOCAL_MODE: "true" }, withLimit);

describe("a caller beyond its rate", () => {
  it("is told to wait on both wires, and wakes no object, while others are served", async () => {
    const answers = [];
    // More than twice the limit, in case that the period ends between them.
    for (let call = 0; call <= 2 * LIMIT; call++) {
      answers.push(await send(server.url, call % 2 === 0 ? restRegister() : connectRegister()));
    }
    const served = answers.filter(({ status }) => status < 300);
    const refused = answers.filter(({ status }) => status === 429);
    expect(served.length + refused.length).toBe(answers.length);
    expect(refused.length).toBeGreaterThan(0);
    for (const { error, reason, headers } of refused) {
      expect([error, reason]).toEqual(
        reason === "" ? ["ThrottledClientException", ""] : ["resource_exhausted", "CALLER_RATE_EXCEEDED"],
      );
      expect(headers.get("retry-after")).toBe("10");
    }
    expect(await server.harness.getWorker().listDurableObjectIds("APP_INSTANCE_USER")).toHaveLength(served.length);

    const arn = freshUserArn();
    const another = connectRegister({}, arn);
    const headers = { ...another.headers, ...(await bearerOf(arn)) };
    expect((await send(server.url, { ...another, headers })).status).toBe(200);
  });
});
