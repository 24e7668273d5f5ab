/**
 * Attacks from inside the runtime, where the clock can be moved and faults put between Worker and object: the property
 * tests of `npm test`, with many more histories.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Attack, type Round, Tally } from "./attack.ts";
import { Random } from "./random.ts";

const ROOT = join(import.meta.dirname, "..");
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");

export const histories = propertyTest("histories", "test/worker/app-instance-user/histories.test.ts", 250);
export const phoneHistories = propertyTest("phone-histories", "test/worker/directory/histories.test.ts", 60);
export const faults = propertyTest("faults", "test/worker/transport/fault-histories.test.ts", 600);

/** Has no short form of its own: `npm test` runs the test itself. */
function propertyTest(name: string, file: string, historiesPerRound: number): Attack {
  return { name, shortRounds: 0, weight: 2, round: (seed) => round(file, historiesPerRound, seed) };
}

async function round(file: string, count: number, seed: string): Promise<Round> {
  const chance = String(new Random(seed).between(1, 2 ** 31 - 1));
  // What it did is told by a test that passes.
  const child = spawn(process.execPath, [VITEST, "run", "--silent=false", "--project", "workerd", file], {
    cwd: ROOT,
    env: { ...process.env, HISTORIES: String(count), SEED: chance, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  const [code] = await once(child, "close");
  const again = `HISTORIES=${count} SEED=${chance} npx vitest run --project workerd ${file}`;
  return { counts: countsIn(said), losses: code === 0 ? [] : [`${again}\n${failureIn(said)}`] };
}

/** A test tells what it did in a line such as "1 histories, 20 calls, 3 faults". */
function countsIn(said: string): Record<string, number> {
  const tally = new Tally();
  for (const [line] of said.matchAll(/\d+ histories(, \d+ \w+)*/g)) {
    for (const [, times, what = ""] of line.matchAll(/(\d+) (\w+)/g)) {
      tally.add(what, Number(times));
    }
  }
  return tally.counts;
}

/** The history that failed, made as short as it can be. */
function failureIn(said: string): string {
  return said.slice(Math.max(0, said.indexOf("Failed Tests"))).slice(0, 4_000);
}
