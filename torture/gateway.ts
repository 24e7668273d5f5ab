/**
 * Peers that take of the gateway what they can, all kinds at once, and an honest caller who is served meanwhile. What
 * they took is free again when they are gone, and the half-open is gone while they are not.
 */
import { setTimeout as wait } from "node:timers/promises";
import { CALLERS, type Caller } from "../test/support/callers.ts";
import { callerFor } from "../test/support/calls.ts";
import { freshUserArn } from "../test/support/requests.ts";
import { type Attack, Tally } from "./attack.ts";
import {
  callAfterLargeBody,
  destroyAll,
  halfHeads,
  reflectionFlood,
  slowHeads,
  unfinishedBodies,
  watches,
} from "./gateway/peers.ts";
import { type GatewayProcess, withGateway } from "./gateway/process.ts";
import { Random } from "./random.ts";
import { openFiles, residentMiB, withServer } from "./server.ts";

/** Until every head that is half open has met its bound of ten seconds. */
const SIEGE_MS = 12_500;

const LATE_MAX_MS = 15_000;

const UPSTREAM_CONNECTIONS = 100;

/** Between calls of the honest caller: within the rate that anybody has. */
const PAUSE_MS = 250;

/** Calls may take 128 MiB, and connections and streams as much again; garbage is not counted. */
const HELD_MAX_MIB = 256;

/** Once the peers are gone: Node, the code, and what has been compiled of it. */
const HELD_AFTERWARDS_MAX_MIB = 64;

/** With garbage, and whatever the allocator has not given back. */
const RESIDENT_MAX_MIB = 1_024;

/** Every siege meets a gateway of its own. */
export const gateway: Attack = { name: "gateway", shortRounds: 1, weight: 1, round: sieges(1) };

/** One gateway is besieged again and again for ten minutes or so, and holds no more afterwards than after the first siege. */
export const gatewayForLong: Attack = { name: "gateway-for-long", shortRounds: 0, weight: 1, round: sieges(40) };

function sieges(count: number): Attack["round"] {
  return (seed, bundle) =>
    withServer(bundle, { LOCAL_MODE: "true" }, (server) =>
      withGateway(server.url, async (attacked) => {
        const besieged: Besieged = {
          ...attacked,
          random: new Random(seed),
          tally: new Tally(),
          losses: [],
          samples: {},
        };
        const filesBefore = openFiles(attacked) ?? 0;
        for (let n = 0; n < count; n++) {
          await siege(besieged, filesBefore);
        }
        const { tally, losses, samples, complaints } = besieged;
        losses.push(...complaints.map((line) => `the gateway said: ${line}`));
        return { counts: tally.counts, samples, losses };
      }),
    );
}

/** A gateway, and what is known of the attack on it so far. */
interface Besieged extends GatewayProcess {
  readonly random: Random;
  readonly tally: Tally;
  readonly losses: string[];
  readonly samples: Record<string, number[]>;
}

async function siege(besieged: Besieged, filesBefore: number): Promise<void> {
  const { url, random, tally, losses } = besieged;
  const heads = halfHeads(url, random.between(1_200, 1_800));
  const holding = [
    slowHeads(url, random.between(50, 200)),
    unfinishedBodies(url, random.between(10, 25)),
    watches(url, random.between(5, 20)),
  ];
  const end = Date.now() + SIEGE_MS;
  const [asked] = await Promise.all([
    reflectionFlood(url, SIEGE_MS),
    honest(url, end, tally, losses),
    largeBodies(url, end, tally, losses),
  ]);
  tally.add("questions to reflection", asked);
  tally.add("heads half open", heads.length);
  const standing = () => heads.filter(({ readyState }) => readyState !== "closed").length;
  if (!(await comesTrue(() => standing() === 0))) {
    losses.push(`${standing()} connections whose heads are half open still stand`);
  }
  mayHave(besieged, "resident MiB", residentMiB(besieged), RESIDENT_MAX_MIB);
  mayHave(besieged, "held MiB", await besieged.heldMiB(), HELD_MAX_MIB);
  destroyAll(heads);
  for (const stop of holding) {
    stop();
  }
  // Of connections to the server behind some are kept.
  const files = () => openFiles(besieged) ?? 0;
  if (!(await comesTrue(() => files() <= filesBefore + UPSTREAM_CONNECTIONS))) {
    losses.push(`the peers are gone, and the gateway has ${files()} files open, of ${filesBefore} before`);
  }
  // What stood on them goes a moment later than they do.
  await comesTrue(async () => (await besieged.heldMiB()) <= HELD_AFTERWARDS_MAX_MIB);
  mayHave(besieged, "held MiB afterwards", await besieged.heldMiB(), HELD_AFTERWARDS_MAX_MIB);
}

function mayHave({ samples, losses }: Besieged, what: string, value: number | undefined, max: number): void {
  if (value !== undefined) {
    samples[what] = [...(samples[what] ?? []), value];
    if (value > max) {
      losses.push(`${what}: ${Math.round(value)}, and at most ${max} may be`);
    }
  }
}

/** Before long: a machine that is busy with the attack is late with everything. */
async function comesTrue(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = Date.now() + LATE_MAX_MS;
  while (!(await isTrue()) && Date.now() < end) {
    await wait(250);
  }
  return isTrue();
}

/** One who is served, whatever others do. Being told that there is no room is no answer to such a short request. */
async function honest(url: string, end: number, tally: Tally, losses: string[]): Promise<void> {
  const { headers, arn: appInstanceUserArn } = await callerFor(freshUserArn());
  const callers = ["grpc-js", "connect-es gRPC-Web"].map((name) => CALLERS[name]?.(url) as Caller);
  while (Date.now() < end) {
    for (const call of callers) {
      await wait(PAUSE_MS);
      const { authorization } = headers;
      const { code } = await call(
        "ListAppInstanceUserEndpoints",
        { appInstanceUserArn },
        { authorization, timeoutMs: 20_000 },
      );
      tally.add(`honest calls: ${code}`);
      if (code !== "ok") {
        losses.push(`an honest call was answered ${code}`);
      }
    }
  }
}

async function largeBodies(url: string, end: number, tally: Tally, losses: string[]): Promise<void> {
  while (Date.now() < end) {
    const [large, next] = await callAfterLargeBody(url, 1_000_000);
    tally.add("calls after a body too large");
    // What arrives slowly, as all does on a busy machine, may have to give way before it is known to be too large.
    const isRefused = large === 429 || large === 503;
    if (!isRefused || next !== 401) {
      losses.push(`a body too large was answered ${large}, and the call after it ${next}`);
    }
    await wait(PAUSE_MS);
  }
}
