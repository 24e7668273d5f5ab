import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { testStory } from "../support/client-story.ts";
import { installClient } from "../support/installed-client.ts";
import type * as page from "../support/package-story.ts";
import { serveSite } from "../support/site.ts";

declare const site: typeof page;

const { folder } = installClient();
afterAll(() => rmSync(folder, { recursive: true }));

const pages = serveSite(join(folder, "story.ts"));

testStory("Chromium", async (given) => {
  const from = await pages.open("localhost");
  return from.evaluate((told) => site.tell(told), given);
});
