/** Rollcall on bare workerd, on one machine and without Cloudflare. See docs/self-hosting.md. */
import { text } from "node:stream/consumers";
import { getHere } from "../command/address.ts";
import { whenToldToEnd } from "../command/ending/when-told.ts";
import { invitation } from "../command/local.ts";
import { whyNotListen } from "../command/port.ts";
import { serveScrapes } from "../command/scrapes.ts";
import { SHARDS } from "../worker/objects/device-key.ts";
import { exposition } from "../worker/transport/reporting/exposition.ts";
import { processFigures } from "./process-figures.ts";
import type { ServeSettings } from "./settings.ts";
import { NotServedError } from "./workerd/not-served-error.ts";
import { openFilesMax, startWorkerd, type Workerd, type WorkerdOptions } from "./workerd/start.ts";

/** What an object that is awake holds: its database, the write-ahead log of that, and the log's index. */
const FILES_PER_USER = 3;

/** As much the Directory's own objects hold, all of which are soon awake. */
const FILES_OF_DIRECTORY = SHARDS.length * FILES_PER_USER;

/** What workerd has open besides: its libraries, its channels, and connections. */
const FILES_RESERVED = 500;

/** How long calls in flight may take to end before they are cut off. */
const STOP_MAX_MS = 10_000;

/** How long the Worker may take to say what it has counted: as long as Prometheus waits. */
const SCRAPE_MAX_MS = 10_000;

/** Serves until this process is told to end. Rejects with NotServedError where that can't be. */
export async function serve(
  { data, host, port, local, metrics, variables: given, misspelt }: ServeSettings,
  build: Pick<WorkerdOptions, "bundle" | "runtime">,
): Promise<void> {
  for (const { name, meant } of misspelt) {
    console.warn(`${name} is not a variable of Rollcall's, and does nothing. Did you mean ${meant}?`);
  }
  const refusal =
    (await whyNotListen(host, port)) ?? (metrics && (await whyNotListen(metrics.host, metrics.port, "--metrics")));
  if (refusal !== undefined) {
    throw new NotServedError(refusal);
  }
  const reserved = FILES_RESERVED + (given.DEVICES ? FILES_OF_DIRECTORY : 0);
  const usersMax = Math.max(1, Math.floor((openFilesMax() - reserved) / FILES_PER_USER));
  const variables = { USERS_AT_ONCE: String(usersMax), ...given };
  // Before there is a workerd, which must not outlive this process.
  endWhenTold(() => starting);
  const isScraped = metrics !== undefined;
  const starting = startWorkerd({ ...build, data, host, port, variables, lines: "inherit", isScraped });
  const workerd = await starting;
  workerd.process.once("exit", tellEnd);
  console.log(`Rollcall serves on ${workerd.url} with its data in ${data}.`);
  console.log(`${variables.USERS_AT_ONCE} users may call within about 10 seconds, by the limit of open files.`);
  if (metrics !== undefined) {
    console.log(`Prometheus is answered at ${await serveScrapes(metrics, () => scrape(workerd))}.`);
  }
  if (local) {
    console.log(await invitation(workerd.url));
  }
}

/** What the Worker has counted, and what the system accounts to it. */
async function scrape({ scrapeUrl = "", process: { pid } }: Workerd): Promise<string> {
  const counted = await text(await getHere(scrapeUrl, AbortSignal.timeout(SCRAPE_MAX_MS)));
  return counted + exposition(pid === undefined ? [] : processFigures(pid));
}

/** Ends workerd when this process is told to end, and then itself; one that did not start has ended already. */
function endWhenTold(starting: () => Promise<Workerd>): void {
  const end = async (workerd: Workerd) => {
    workerd.process.off("exit", tellEnd);
    setTimeout(() => workerd.stop("SIGKILL"), STOP_MAX_MS);
    await workerd.stop();
    process.exit();
  };
  whenToldToEnd(() => starting().then(end, () => undefined));
}

/** workerd has ended though nobody told it to. */
function tellEnd(code: number | null, signal: NodeJS.Signals | null): void {
  console.error(`workerd ended: ${signal ?? `exit ${code}`}`);
  process.exit(1);
}
