import type { Results } from "../report/results.ts";
import type { Race } from "./doubles.ts";
import type { Killed } from "./kills.ts";
import type { Options } from "./options.ts";
import type { Peer } from "./peer.ts";
import type { Rounds } from "./rounds.ts";
import type { Syncs } from "./syncs.ts";

/** Everything that a run measured: what the table and the plot are made from. */
export interface PeerResults extends Pick<Results, "date" | "versions" | "machine"> {
  readonly form: Options["form"];
  /** Who took part. */
  readonly peers: readonly Pick<Peer, "name" | "role" | "what" | "promises">[];
  readonly rounds: Rounds;
  readonly kills: readonly Killed[];
  readonly syncs: readonly Syncs[];
  readonly races: readonly Race[];
}
