/** `npm run bench`: what Rollcall costs on bare workerd, as ratios to a floor. See bench/README.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answerHelp } from "../src/command/help.ts";
import { type Bundles, buildBundles } from "./bundles.ts";
import { startContestants } from "./calls/contestants.ts";
import { type CallResult, playRounds } from "./calls/rounds.ts";
import type { Step } from "./calls/steps.ts";
import { type Options, type Part, readOptions, USAGE } from "./options.ts";
import { measureAtRest, measureRowBytes } from "./parts/at-rest.ts";
import { measureBurst } from "./parts/burst.ts";
import { measureDisks } from "./parts/disk.ts";
import { measureGrowth } from "./parts/growth.ts";
import { measureMoves } from "./parts/moves.ts";
import { measureSenders } from "./parts/senders/senders.ts";
import { measureSessions } from "./parts/sessions.ts";
import { measureSoak } from "./parts/soak/soak.ts";
import { measureStartup } from "./parts/startup.ts";
import { burstSvg } from "./report/burst-plot.ts";
import { toSvg } from "./report/plot.ts";
import { circumstances, type Results, toJson } from "./report/results.ts";
import { soakSvg } from "./report/soak-plot.ts";
import { whatGrows } from "./report/soak-table.ts";
import { toMarkdown } from "./report/table.ts";
import { tell } from "./tell.ts";

const args = process.argv.slice(2);
answerHelp(args, USAGE);
const options = readOptions(args);
if (options === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const results = await measure(options);
  if (options.out !== undefined) {
    keep(results, options.out);
  }
  console.log(toMarkdown(results));
  // In a minute or so nothing can be told of what grows.
  if (results.soak !== undefined && options.form !== "smallest" && whatGrows(results.soak).length > 0) {
    process.exitCode = 1;
  }
}

async function measure(options: Options): Promise<Results> {
  const { form, only, users, startupRounds, atRestRounds, senderRounds, senderUsers, stores, growthRounds } = options;
  const { slowDisks, diskRounds, diskUsers, sessionRounds, warmUps, base, moves, burst, soak } = options;
  const isAskedFor = (part: Part) => only?.includes(part) ?? true;
  tell("building the Workers");
  const bundles = buildBundles();
  const rowBytes = await measureRowBytes(bundles);
  return {
    form,
    ...circumstances(),
    usersPerRound: users,
    rowBytes,
    ...(isAskedFor("startup") && { startup: await measureStartup(bundles, base, startupRounds, tell) }),
    ...(isAskedFor("at-rest") && {
      atRest: await measureAtRest(bundles, rowBytes, { users: users * 5, rounds: atRestRounds, tell }),
    }),
    ...(isAskedFor("senders") && {
      senders: await measureSenders(bundles, {
        rounds: senderRounds,
        users: senderUsers,
        warmUps,
        ...(base !== undefined && { base }),
        tell,
      }),
    }),
    calls: await measureCalls(bundles, rowBytes, options),
    ...(isAskedFor("disk") &&
      slowDisks.length > 0 && {
        disks: await measureDisks(bundles, rowBytes, {
          laterMillis: slowDisks,
          rounds: diskRounds,
          users: diskUsers,
          warmUps,
          tell,
        }),
      }),
    ...(isAskedFor("growth") &&
      stores.length > 0 && { growth: await measureGrowth(bundles, { sizes: stores, rounds: growthRounds, tell }) }),
    ...(isAskedFor("moves") && { moves: await measureMoves(bundles, moves, tell) }),
    ...(isAskedFor("burst") && { burst: await measureBurst(bundles, burst, tell) }),
    ...(isAskedFor("sessions") && {
      sessions: await measureSessions(bundles, { users, rounds: sessionRounds, tell }),
    }),
    ...(isAskedFor("soak") && soak !== undefined && { soak: await measureSoak(bundles, soak, tell) }),
  };
}

async function measureCalls(bundles: Bundles, rowBytes: number, options: Options): Promise<CallResult[]> {
  const { only, users, connections, minutes, warmUps, base } = options;
  const isAskedFor = ({ name }: Step) => only?.includes(name) ?? true;
  const runners = await startContestants(bundles, rowBytes, isAskedFor, base === undefined ? {} : { base });
  try {
    const play = { forMillis: minutes * 60_000, users, connections, warmUps, tell };
    return runners.length === 0 ? [] : await playRounds(runners, play);
  } finally {
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

function keep(results: Results, out: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "results.json"), toJson(results));
  const plot = results.calls.length === 0 ? "" : "\n![Processor time of a call](cpu.svg)\n";
  writeFileSync(join(out, "README.md"), toMarkdown(results) + plot);
  if (plot !== "") {
    writeFileSync(join(out, "cpu.svg"), toSvg(results));
  }
  if (results.burst !== undefined) {
    writeFileSync(join(out, "burst.svg"), burstSvg(results.burst, results.date));
  }
  if (results.soak !== undefined) {
    writeFileSync(join(out, "soak.svg"), soakSvg(results.soak, results.date));
  }
}
