import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inject } from "vitest";
import { testStory } from "../support/client-story.ts";

const { folder } = inject("installedClient");

const PROGRAM = `
  import { tell } from "./story.ts";
  console.log(JSON.stringify(await tell(JSON.parse(process.env.GIVEN))));
`;

testStory("Node", async (given) => {
  const env = { ...process.env, GIVEN: JSON.stringify(given) };
  const args = ["--input-type=module", "--eval", PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  return JSON.parse(stdout);
});
