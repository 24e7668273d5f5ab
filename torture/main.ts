/**
 * `npm run torture`: attacks the built Worker on bare workerd, with its data on disk. Progress goes to standard error,
 * a summary in Markdown to standard output, and the same figures to dist/torture.json. It exits with 1 if anything was
 * broken that docs/promises.md promises.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../scripts/bundle.ts";
import { answerHelp } from "../src/command/help.ts";
import type { Attack, Round } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { Summary } from "./summary.ts";

const args = process.argv.slice(2);
answerHelp(args, usage(ATTACKS));
const options = readOptions(args, ATTACKS);
if (options === undefined) {
  console.error(usage(ATTACKS));
  process.exitCode = 2;
} else {
  process.exitCode = (await torture(options)) ? 0 : 1;
}

/** Whether every promise was kept. */
async function torture({ seed, attacks, minutes, round }: Options): Promise<boolean> {
  console.error(`seed ${seed}; building the Worker …`);
  const summary = new Summary(seed);
  const worker = bundle("src/worker/index.ts");
  const play = (attack: Attack, n: number) => playRound(attack, n, worker, summary);
  const able = attacks.filter((attack) => isAble(attack, summary));
  if (round !== undefined) {
    await Promise.all(able.map((attack) => play(attack, round)));
  } else if (minutes === undefined) {
    await shortForms(able, play);
  } else {
    await longForm(able, play, Date.now() + minutes * 60_000);
  }
  writeFileSync(join(import.meta.dirname, "../dist/torture.json"), `${JSON.stringify(summary, null, 2)}\n`);
  console.log(summary.toMarkdown());
  return summary.losses.length === 0;
}

function isAble({ name, unfit }: Attack, summary: Summary): boolean {
  const reason = unfit?.();
  if (reason !== undefined) {
    console.error(`${name} is not made: ${reason}`);
    summary.leaveOut(name, reason);
  }
  return reason === undefined;
}

type Play = (attack: Attack, n: number) => Promise<void>;

async function shortForms(attacks: readonly Attack[], play: Play): Promise<void> {
  for (const attack of attacks) {
    for (let n = 0; n < attack.shortRounds; n++) {
      await play(attack, n);
    }
  }
}

/** Round after round, each of the attack that is furthest behind its part of the time. */
async function longForm(attacks: readonly Attack[], play: Play, end: number): Promise<void> {
  const progress = attacks.map((attack) => ({ attack, rounds: 0, spentMs: 0 }));
  while (Date.now() < end && progress.length > 0) {
    const next = progress.reduce((a, b) => (a.spentMs / a.attack.weight <= b.spentMs / b.attack.weight ? a : b));
    const started = Date.now();
    await play(next.attack, next.rounds);
    next.rounds += 1;
    next.spentMs += Date.now() - started;
  }
}

async function playRound({ name, round }: Attack, n: number, worker: string, summary: Summary): Promise<void> {
  const result = await round(`${summary.seed}/${name}/${n}`, worker).catch(brokenOff);
  summary.add(name, n, result);
  console.error(`${summary.elapsed()}  ${name} ${n}: ${JSON.stringify(result.counts)}`);
  for (const loss of result.losses) {
    console.error(`  LOST: ${loss}`);
  }
}

/** An attack that throws is a loss too: the server has ended, or the attack itself is broken. */
function brokenOff(error: unknown): Round {
  return { counts: {}, losses: [`the round broke off: ${error instanceof Error ? error.stack : error}`] };
}
