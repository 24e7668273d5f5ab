import type { ShardState } from "../model/directory-calls.ts";
import { SHARD_STATES_AT_ONCE } from "../model/limits.ts";
import { SHARDS } from "../objects/device-key.ts";
import { fanOut } from "../objects/fan-out.ts";
import { objectFor } from "../objects/place.ts";
import { reachWorking } from "../objects/reach.ts";
import type { Told } from "./tell.ts";

/** How all shards are that serve a region, and each of them. */
export interface DirectoryState {
  readonly all: ShardState;
  readonly shards: ReadonlyMap<string, ShardState>;
}

/** Asks every shard how it is. Throws what the runtime threw where one could not be reached. */
export async function directoryState(
  { shards, placement }: Pick<Told, "shards" | "placement">,
  region: string,
): Promise<DirectoryState> {
  const states = new Map<string, ShardState>(Array.from(SHARDS, (name) => [name, NOTHING]));
  const ask = async (name: string) => {
    states.set(name, await reachWorking(() => objectFor(shards, placement, `arn:aws:chime:${region}`, name).state()));
  };
  await fanOut(SHARDS, SHARD_STATES_AT_ONCE, ask, () => true);
  return { all: [...states.values()].reduce(together, NOTHING), shards: states };
}

const NOTHING: ShardState = { devices: 0, losers: 0, losersForSeconds: 0, events: 0, eventsForSeconds: 0, bytes: 0 };

function together(one: ShardState, other: ShardState): ShardState {
  return {
    devices: one.devices + other.devices,
    losers: one.losers + other.losers,
    losersForSeconds: Math.max(one.losersForSeconds, other.losersForSeconds),
    events: one.events + other.events,
    eventsForSeconds: Math.max(one.eventsForSeconds, other.eventsForSeconds),
    bytes: one.bytes + other.bytes,
  };
}
