import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Workerd } from "../../../src/serve/workerd/start.ts";
import type { Bundles } from "../../bundles.ts";
import { openFiles } from "../../load/account.ts";
import { startReceiver } from "../../load/receiver.ts";
import { pidOf } from "../../load/send-all.ts";
import { serve } from "../../load/serve.ts";
import type { Case } from "./cases.ts";

/** The names of those that are priced; the others are compared with the first. */
export const WITHOUT = "without";
export const MOVE = "DEVICES=move";
export const MOVE_WITH_EVENTS = "DEVICES=move, and events";

/** One configuration that is measured, in a process of its own. */
export interface Variant {
  readonly name: string;
  readonly workerd: Workerd;
  readonly filesAtRest: number;
  /** Of classes of objects. */
  readonly namespaces: number;
  /** Answers once nothing is done any more of what comes after an answer. */
  readonly settled: () => Promise<void>;
  /** Whether it does what a case is about. */
  readonly plays: (each: Case) => boolean;
  readonly stop: () => Promise<void>;
}

const ADOPTING = { SAME_DEVICE: "adopt", BATCHES_PER_CALLER: "1000000" };
const MOVING = { ...ADOPTING, DEVICES: "move" };

/** Losers are told within milliseconds. */
const TOLD_MS = 50;

/**
 * The same without a Directory, twice, so that it can be seen how far two of the same are apart; with one; and with events. The bare
 * steps, with and without a row in a second object, show what of that nobody can avoid who answers only once it is told.
 */
export async function startVariants(
  { rollcall, bareRest, bareTelling }: Bundles,
  base: string | undefined,
): Promise<Variant[]> {
  const receiver = await startReceiver();
  const events = {
    EVENTS_URL: receiver.url,
    EVENTS_SECRETS: JSON.stringify([`whsec_${randomBytes(24).toString("base64")}`]),
  };
  const start = async (
    name: string,
    variables: Readonly<Record<string, string>>,
    { bundle = rollcall, ...others }: Partial<Variant> & { bundle?: string } = {},
  ): Promise<Variant> => {
    const workerd = await serve(bundle, { variables });
    const filesAtRest = openFiles(pidOf(workerd));
    const settled = async () => undefined;
    const stop = () => workerd.stop();
    return { name, workerd, filesAtRest, namespaces: 1, settled, plays: () => true, stop, ...others };
  };
  const bare = { plays: ({ isBare = false }: Case) => isBare };
  const directory = { namespaces: 2, settled: () => setTimeout(TOLD_MS) };
  const withEvents = await start(MOVE_WITH_EVENTS, { ...MOVING, ...events }, directory);
  return [
    await start(WITHOUT, ADOPTING),
    await start("without, again", ADOPTING),
    ...(base === undefined
      ? []
      : [
          await start("an older build, without", ADOPTING, {
            bundle: resolve(base),
            plays: ({ isOld = false }: Case) => isOld,
          }),
        ]),
    await start("bare steps", {}, { bundle: bareRest, ...bare }),
    await start("bare steps, and a row in a second object", {}, { bundle: bareTelling, ...bare, namespaces: 2 }),
    await start(MOVE, MOVING, directory),
    {
      ...withEvents,
      settled: receiver.untilQuiet,
      stop: async () => {
        await withEvents.stop();
        await receiver.stop();
      },
    },
  ];
}
