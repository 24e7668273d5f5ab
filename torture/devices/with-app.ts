/** What rounds on devices begin and end with. */
import { setTimeout as wait } from "node:timers/promises";
import { type Round, Tally } from "../attack.ts";
import { Random } from "../random.ts";
import { App } from "./app.ts";
import { MOVE, type Serving, withServing } from "./serving.ts";

/** An app, the server that it calls, chance for both, and what is counted. */
export interface Played {
  readonly app: App;
  readonly serving: Serving;
  readonly random: Random;
  readonly tally: Tally;
}

/** Plays a round with an app and a server of its own; it comes to what was counted and what the app has lost. */
export function withApp(seed: string, play: (played: Played) => Promise<void>): Promise<Round> {
  return withServing(async (serving) => {
    const [random, tally] = [new Random(seed), new Tally()];
    const app = new App(serving, random, tally);
    await play({ app, serving, random, tally });
    return { counts: tally.counts, losses: app.losses };
  });
}

/** Kills the server in the middle of things, so many milliseconds after they have begun, and starts it anew. */
export async function kill({ serving, random, tally }: Played, bundle: string, ms: { min: number; max: number }) {
  await wait(random.between(ms.min, ms.max));
  await serving.stop();
  await serving.start(bundle, MOVE);
  tally.add("kills");
}
