/** Who has a phone in the end: every user's resolve and the Directory must say the same. */
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../random.ts";
import { AGAIN_MS, type App, PATIENCE_MS } from "./app.ts";

/** Asks what is wrong until nothing is, for as long as those who lose a device may take to hear of it; answers what still is. */
export async function atRest(wrong: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await wrong();
    if (found.length === 0 || Date.now() > end) {
      return found;
    }
    await wait(AGAIN_MS);
  }
}

/** Whether a phone may wake that user alone, or nobody. */
export type May = (phone: string, holder: string | undefined) => boolean;

export const anybody: May = () => true;
export const somebody: May = (_, holder) => holder !== undefined;

/** Each phone comes to wake one user at the most, one who may have it, and whom the look-up names. */
export async function endWith(app: App, users: readonly string[], phones: readonly string[], may: May): Promise<void> {
  app.lose(await atRest(() => wrongHolders(app, users, phones, may)));
}

/** One after the other, somebody launches the app on each phone, and alone has it from then on. */
export async function lastLaunches(app: App, random: Random, users: readonly string[], phones: readonly string[]) {
  const last = new Map(phones.map((phone) => [phone, random.pick(users)]));
  for (const [phone, user] of last) {
    await app.launch(user, phone);
  }
  await endWith(app, users, phones, (phone, holder) => holder === last.get(phone));
}

async function wrongHolders(app: App, users: readonly string[], phones: readonly string[], may: May) {
  const woken = await Promise.all(users.map(async (user) => (await app.woken(user)).map((phone) => ({ phone, user }))));
  const byPhone = Map.groupBy(woken.flat(), ({ phone }) => phone);
  const wrong = phones.map(async (phone) => {
    const holders = (byPhone.get(phone) ?? []).map(({ user }) => user);
    if (holders.length > 1 || !may(phone, holders[0])) {
      return [`${phone} wakes ${holders.join(" and ") || "nobody"}`];
    }
    const named = await app.lookUp(phone);
    return `${named}` === `${holders}` ? [] : [`${phone} wakes ${holders}, and the Directory names ${named}`];
  });
  return (await Promise.all(wrong)).flat();
}
