import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../scripts/bundle.ts";
import { MOTO } from "./moto.ts";
import type { PeerKey } from "./options.ts";
import { PARSE } from "./parse.ts";
import type { Peer } from "./peer.ts";
import { rollcall } from "./rollcall.ts";

const PEERS: Readonly<Record<PeerKey, Peer>> = { moto: MOTO, parse: PARSE };

const ROOT = join(import.meta.dirname, "../..");

/** Who takes part: Rollcall first, which the others are compared with, in both ways that it runs. */
export function peersOf(keys: readonly PeerKey[]): { peers: readonly Peer[]; again: Peer } {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const built = { bundle: bundle("src/worker/index.ts"), version };
  const ours = [rollcall("Rollcall", built), rollcall("Rollcall, a device moves", { ...built, isMoving: true })];
  return {
    peers: [...ours, ...keys.map((key) => PEERS[key])],
    again: rollcall("Rollcall, again", { ...built, role: "again" }),
  };
}
