/** `npm run bench`: what Rollcall costs on bare workerd, as ratios to a floor. See bench/README.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bundles, buildBundles } from "./bundles.ts";
import { startContestants } from "./calls/contestants.ts";
import { type CallResult, playRounds } from "./calls/rounds.ts";
import { type Options, type Part, readOptions, USAGE } from "./options.ts";
import { measureAtRest, measureRowBytes } from "./parts/at-rest.ts";
import { measureStartup } from "./parts/startup.ts";
import { circumstances, type Results } from "./report/results.ts";
import { toMarkdown } from "./report/table.ts";

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const results = await measure(options);
  if (options.out !== undefined) {
    keep(results, options.out);
  }
  console.log(toMarkdown(results));
}

async function measure(options: Options): Promise<Results> {
  const { long, only, users } = options;
  const isAskedFor = (part: Part) => only?.includes(part) ?? true;
  tell("building the Workers");
  const bundles = buildBundles();
  const rowBytes = await measureRowBytes(bundles);
  return {
    form: long ? "long" : "short",
    ...circumstances(),
    usersPerRound: users,
    rowBytes,
    ...(isAskedFor("startup") && { startup: await measureStartup(bundles, long ? 30 : 10, tell) }),
    ...(isAskedFor("at-rest") && {
      atRest: await measureAtRest(bundles, rowBytes, { users: long ? 2_000 : users, rounds: long ? 5 : 1, tell }),
    }),
    calls: await measureCalls(bundles, rowBytes, options),
  };
}

async function measureCalls(bundles: Bundles, rowBytes: number, options: Options): Promise<CallResult[]> {
  const { only, users, connections, minutes, long } = options;
  const runners = await startContestants(bundles, rowBytes, ({ name }) => only?.includes(name) ?? true);
  try {
    const play = { forMillis: minutes * 60_000, users, connections, warmUps: long ? 4 : 2, tell };
    return runners.length === 0 ? [] : await playRounds(runners, play);
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

function keep(results: Results, out: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(out, "README.md"), toMarkdown(results));
}

/** Progress: on a terminal in one line, elsewhere a line each. */
function tell(progress: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r${progress}\x1b[K` : `${progress}\n`);
}
