/** `npm run bench:peers`: Rollcall beside others that keep push endpoints, in one run. See bench/README.md. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whenToldToEnd } from "../../src/command/ending/when-told.ts";
import { answerHelp } from "../../src/command/help.ts";
import { peersSvg } from "../report/peers-plot.ts";
import { peersMarkdown } from "../report/peers-table.ts";
import { circumstances, roundedJson } from "../report/results.ts";
import { tell } from "../tell.ts";
import { measureDoubles } from "./doubles.ts";
import { measureKills } from "./kills.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import type { Peer } from "./peer.ts";
import { peersOf } from "./peers.ts";
import type { PeerResults } from "./results.ts";
import { measureRounds } from "./rounds.ts";
import { measureSyncs } from "./syncs.ts";

const EXIT_MISSING = 2;
const EXIT_TOLD_TO_END = 130;

const args = process.argv.slice(2);
answerHelp(args, USAGE);
const options = readOptions(args);
if (options === undefined) {
  console.error(USAGE);
  process.exit(EXIT_MISSING);
}
const { peers, again } = peersOf(options.peers);
const missing = peers.flatMap(({ name, missing }) => missing()?.replace(/^/, `${name}: `) ?? []);
if (missing.length > 0) {
  console.error(`${missing.join("\n")}\nWithout it: --only, with the others.`);
  process.exit(EXIT_MISSING);
}
const root = mkdtempSync(join(tmpdir(), "rollcall-peers-"));
// The servers end with this process, and those of other users must reach their own folders.
chmodSync(root, 0o711);
process.on("exit", () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
whenToldToEnd(() => process.exit(EXIT_TOLD_TO_END));

const results = await measure(options);
mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, "peers.json"), `${roundedJson(results)}\n`);
writeFileSync(join(options.out, "peers.md"), `${peersMarkdown(results)}\n![Calls of each](peers.svg)\n`);
writeFileSync(join(options.out, "peers.svg"), peersSvg(results));
console.log(peersMarkdown(results));

async function measure(options: Options): Promise<PeerResults> {
  for (const { name, install } of peers) {
    tell(`installing ${name}, if it is not there yet`);
    install();
  }
  const { form, rounds, warmUps, users, connections, kills, devices, callers, syncUsers, syncSleeps } = options;
  return {
    form,
    ...circumstances(),
    peers: [...peers, again].map(({ name, role, what, promises }) => ({ name, role, what, promises })),
    rounds: await measureRounds([...peers, again], folders("rounds"), { rounds, warmUps, users, connections, tell }),
    kills: await measureKills(peers, folders("kills"), { kills, connections, tell }),
    syncs: await measureSyncs(peers, folders("syncs"), { users: syncUsers, connections, sleeps: syncSleeps, tell }),
    races: await measureDoubles(peers, folders("doubles"), { devices, callers, tell }),
  };
}

/** For each part a folder of each server's. */
function folders(part: string): (peer: Peer) => string {
  return ({ name }) => {
    const folder = join(root, `${part}-${name.replaceAll(/\W+/g, "-")}`);
    mkdirSync(folder);
    return folder;
  };
}
