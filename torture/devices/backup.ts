/**
 * One user registers more phones at once than anybody may in a day, as from a backup that was restored to all of a shop's phones, or from a
 * list that was stolen; in half of the rounds the server is killed in the middle. Exactly as many move as may, and those are INACTIVE at
 * their former users; the others stay where they were.
 */
import { DEVICES_PER_DAY } from "../../src/worker/model/limits.ts";
import type { Answer } from "../../test/support/calls.ts";
import type { Attack } from "../attack.ts";
import { type App, names } from "./app.ts";
import { endWith } from "./holders.ts";
import { MOVE } from "./serving.ts";
import { kill, type Played, withApp } from "./with-app.ts";

const FORMER_USERS = 6;
const PHONES = DEVICES_PER_DAY + 20;
const AT_ONCE = 16;
const KILL_MS = { min: 50, max: 800 };

export const backup: Attack = {
  name: "backup",
  shortRounds: 1,
  weight: 1,
  round: (seed, bundle) => withApp(seed, (played) => round(played, bundle)),
};

async function round(played: Played, bundle: string): Promise<void> {
  const { app, serving, random, tally } = played;
  const former = new Map(names("phone", PHONES).map((phone, n) => [phone, `former-${n % FORMER_USERS}`]));
  await serving.start(bundle, MOVE);
  await inParallel([...former], ([phone, user]) => app.launch(user, phone));
  const restored = inParallel(random.shuffled([...former.keys()]), async (phone) => ({
    phone,
    answer: await app.register("taker", phone, app.requestToken()),
  }));
  if (random.next() < 0.5) {
    await kill(played, bundle, KILL_MS);
  }
  const answers = new Map((await restored).map(({ phone, answer }) => [phone, answer]));
  const moved = [...answers].filter(([, { status }]) => status === 200).map(([phone]) => phone);
  tally.add("phones moved", moved.length);
  app.check(moved.length === DEVICES_PER_DAY, `${moved.length} phones moved to one user`);
  app.lose([...answers.values()].flatMap(wrongIn));
  const users = ["taker", ...new Set(former.values())];
  const expected = (phone: string) => (moved.includes(phone) ? "taker" : former.get(phone));
  await endWith(app, users, [...former.keys()], (phone, holder) => holder === expected(phone));
  app.lose(await stillActive(app, former, moved));
}

function wrongIn({ status, retryAfter }: Answer): string[] {
  return status === 200 || (status === 429 && Number(retryAfter) > 0)
    ? []
    : [`a phone too many was answered ${status}, with ${retryAfter ?? "no"} seconds to wait`];
}

/** What has moved must be INACTIVE where it was, and nothing else. */
async function stillActive(app: App, former: ReadonlyMap<string, string>, moved: readonly string[]): Promise<string[]> {
  const statuses = await Promise.all([...new Set(former.values())].map((user) => app.statuses(user)));
  return statuses
    .flatMap((phones) => [...phones])
    .filter(([phone, status]) => status !== (moved.includes(phone) ? "INACTIVE" : "ACTIVE"))
    .map(([phone, status]) => `${phone} is ${status} at its former user`);
}

async function inParallel<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>) {
  const [left, results]: [ArrayIterator<Item>, Result[]] = [items.values(), []];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) {
        results.push(await act(item));
      }
    }),
  );
  return results;
}
