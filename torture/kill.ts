/**
 * Kills workerd by SIGKILL in the middle of load and starts it on the same data. What was acknowledged must be there,
 * what was not is wholly there or wholly not, and after each lost call was made again, everything is as it says.
 */
import { setTimeout as wait } from "node:timers/promises";
import { callerFor } from "../test/support/calls.ts";
import { freshUserArn } from "../test/support/requests.ts";
import { type Attack, type Round, Tally } from "./attack.ts";
import { Random } from "./random.ts";
import { type Server, start, UNLIMITED, withData } from "./server.ts";
import { User } from "./user.ts";

const KILLS_PER_ROUND = 4;

/** Callers of one user, whose calls overlap. */
const CALLERS_PER_USER = 4;

/** How long load lasts before the kill, in milliseconds. */
const LOAD_MS = { min: 5, max: 400 };

export const kill: Attack = {
  name: "kill",
  shortRounds: 4,
  weight: 4,
  round: (seed, bundle) => withData((data) => round(new Random(seed), bundle, data)),
};

async function round(random: Random, bundle: string, data: string): Promise<Round> {
  const tally = new Tally();
  const users = await Promise.all(
    Array.from({ length: random.between(1, 6) }, async (_, n) => {
      return new User(await callerFor(freshUserArn()), new Random(`${random.next()}/${n}`));
    }),
  );
  let server = await start(bundle, data, UNLIMITED);
  try {
    for (let kills = 0; kills < KILLS_PER_ROUND; kills++) {
      await killUnderLoad(server, users, random.between(LOAD_MS.min, LOAD_MS.max));
      server = await start(bundle, data, UNLIMITED);
      tally.add("kills");
      tally.add("calls whose answer was lost", users.flatMap(({ unanswered }) => unanswered).length);
      await eachUser(users, server, (user, url) => user.look(url));
      await eachUser(users, server, (user, url) => user.retry(url));
      await eachUser(users, server, (user, url) => user.look(url));
    }
    // Once more from what only the disk holds.
    await server.stop();
    server = await start(bundle, data, UNLIMITED);
    await eachUser(users, server, (user, url) => user.look(url));
  } finally {
    await server.stop("SIGKILL");
  }
  tally.add(
    "calls",
    users.reduce((sum, { answers }) => sum + answers, 0),
  );
  return { counts: tally.counts, losses: users.flatMap(({ losses }) => losses) };
}

async function killUnderLoad(server: Server, users: readonly User[], afterMs: number): Promise<void> {
  const callers = users.flatMap((user) => Array.from({ length: CALLERS_PER_USER }, () => load(user, server)));
  await wait(afterMs);
  await server.stop("SIGKILL");
  await Promise.all(callers);
}

async function load(user: User, { url }: Server): Promise<void> {
  while (await user.step(url)) {
    // The next call follows at once.
  }
}

async function eachUser(users: readonly User[], { url }: Server, act: (user: User, url: string) => Promise<unknown>) {
  await Promise.all(users.map((user) => act(user, url)));
}
