/** Rounds of all servers in turn, and what they came to. */
import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import { shuffled } from "../load/shuffled.ts";
import type { Peer, Running } from "./peer.ts";
import { type PeerSample, Player, type Round } from "./player.ts";
import { STEPS } from "./steps.ts";

export interface Rounds {
  readonly rounds: number;
  readonly users: number;
  readonly connections: number;
  /** Of each step, each server's. */
  readonly calls: readonly PeerCall[];
  readonly atRest: readonly AtRest[];
}

export interface PeerCall {
  readonly step: string;
  readonly title: string;
  readonly peer: string;
  readonly figures: Spreads<keyof PeerSample>;
  /** To those of each way in which Rollcall runs, by its name, in the same round. */
  readonly ratios: Readonly<Record<string, Ratios>>;
}

export type Ratios = Spreads<(typeof COMPARED)[number]>;

type Spreads<Key extends keyof PeerSample> = Readonly<Record<Key, Quartiles>>;

/** What a server takes when it has served all rounds. */
export interface AtRest {
  readonly peer: string;
  readonly devices: number;
  readonly memoryBytes: number;
  /** By the device, on the disk, once it has ended. */
  readonly diskBytes: number;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly warmUps: number;
  readonly users: number;
  readonly connections: number;
  readonly tell: (progress: string) => void;
}

interface Contestant {
  readonly peer: Peer;
  readonly running: Running;
  readonly player: Player;
  readonly emptyBytes: number;
  readonly played: Round[];
}

/** Servers take turns within a round, in another order each time, so that a machine that slows down slows all alike. */
export async function measureRounds(
  peers: readonly Peer[],
  folderOf: (peer: Peer) => string,
  { rounds, warmUps, users, connections, tell }: RoundsOptions,
): Promise<Rounds> {
  const contestants: Contestant[] = [];
  for (const peer of peers) {
    tell(`starting ${peer.name}`);
    const running = await peer.start(folderOf(peer));
    const player = new Player(running, { users, connections, sleeps: true });
    contestants.push({ peer, running, player, emptyBytes: running.diskBytes(), played: [] });
  }
  for (let n = -warmUps; n < rounds; n++) {
    for (const { peer, player, played } of shuffled(contestants)) {
      tell(`${n < 0 ? "warming up" : `round ${n + 1} of ${rounds}`}: ${peer.name}`);
      const round = await player.round();
      if (n >= 0) {
        played.push(round);
      }
    }
  }
  const atRest: AtRest[] = [];
  for (const { peer, running, emptyBytes } of contestants) {
    const devices = (rounds + warmUps) * users * 2;
    const memoryBytes = running.memory();
    await running.stop();
    atRest.push({ peer: peer.name, devices, memoryBytes, diskBytes: (running.diskBytes() - emptyBytes) / devices });
  }
  return { rounds, users, connections, calls: resultsOf(contestants), atRest };
}

/** What is told of a call as it is, and what is compared. */
const COMPARED = ["cpuMicros", "perSecond", "p99Millis"] as const;
const FIGURES = [...COMPARED, "p50Millis", "diskBytes", "senderShare", "failedShare"] as const;

function resultsOf(contestants: readonly Contestant[]): PeerCall[] {
  const ours = contestants.filter(({ peer }) => peer.role === "ours");
  return STEPS.flatMap(({ name, title }) =>
    contestants.map(({ peer, played }) => ({
      ...{ step: name, title, peer: peer.name },
      figures: spreads(FIGURES, (key) => played.map((round) => round.get(name)?.[key])),
      ratios: Object.fromEntries(
        ours.map((own) => [
          own.peer.name,
          spreads(COMPARED, (key) =>
            played.map((round, n) => ratio(round.get(name)?.[key], own.played[n]?.get(name)?.[key])),
          ),
        ]),
      ),
    })),
  );
}

function ratio(value = Number.NaN, to = Number.NaN): number {
  return value / to;
}

/** Of the values that there are: a step of the first round may have had no users. */
function spreads<Key extends keyof PeerSample>(keys: readonly Key[], of: (key: Key) => (number | undefined)[]) {
  const entries = keys.map((key) => [key, quartiles(of(key).filter((value) => Number.isFinite(value)) as number[])]);
  return Object.fromEntries(entries) as Spreads<Key>;
}
