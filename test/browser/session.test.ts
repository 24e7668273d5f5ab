import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { serve } from "../support/server.ts";
import { EXPECTED, EXPIRED_AFTER_MS } from "../support/session-story.ts";
import { serveSite } from "../support/site.ts";
import type * as page from "./session-page.ts";

declare const site: typeof page;
declare const freshToken: () => Promise<string>;

const server = serve();
const pages = serveSite(join(import.meta.dirname, "session-page.ts"));
const docs = readFileSync(join(import.meta.dirname, "../../docs/credentials.md"), "utf8");

it("a page gets credentials by the provider that the docs show, and others when those have expired", {
  timeout: 2 * EXPIRED_AFTER_MS,
}, async () => {
  const [, code = ""] = /^```js\n(.*?)^```$/ms.exec(docs) ?? [];
  const user = crypto.randomUUID();
  const from = await pages.open("localhost");
  await from.exposeFunction("freshToken", () => localToken(user, "70 seconds"));
  const told = await from.evaluate(([code, url, user]) => site.tell(code, url, freshToken, user), [
    code,
    server.url,
    user,
  ] as const);
  expect(told).toEqual(EXPECTED);
});
