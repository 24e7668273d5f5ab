/**
 * Traces that what a call wrote is on the disk before its answer leaves. A kill can't show that: what the system has of
 * a file outlives the process. A power cut would.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Answer,
  type Caller,
  call,
  callerFor,
  type Members,
  type Operation,
  type Wire,
} from "../test/support/calls.ts";
import { freshUserArn, RESOURCE_ARN } from "../test/support/requests.ts";
import { type Attack, type Round, Tally } from "./attack.ts";
import { Random } from "./random.ts";
import { type Server, start, UNLIMITED, withData } from "./server.ts";
import { type Event, eventsIn, STRACE_OPTIONS } from "./trace.ts";

/** As many at once: enough that their writes come between each other's. */
const USERS = 8;

const CALLS_PER_USER = 12;

/** The runtime's own register of alarms, which stands beside the users' databases. */
const ALARMS = "metadata";

export const sync: Attack = {
  name: "sync",
  shortRounds: 1,
  weight: 1,
  unfit: tracingRefused,
  round: (seed, bundle) => withData((data) => round(new Random(seed), bundle, data)),
};

/** Why nothing can be traced here, if so. */
function tracingRefused(): string | undefined {
  const { error, status } = spawnSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
  if (error !== undefined) {
    return "strace is not installed; on Debian, `apt-get install strace`";
  }
  return status === 0 ? undefined : "this system lets strace trace nothing";
}

async function round(random: Random, bundle: string, data: string): Promise<Round> {
  const file = join(data, "trace");
  const server = await start(bundle, data, UNLIMITED);
  const calls = new Calls(server, random);
  try {
    const strace = await attach(server, file);
    const callers = await Promise.all(Array.from({ length: USERS }, () => callerFor(freshUserArn())));
    // One after the other, so that each user's first write tells whose file it went to.
    for (const caller of callers) {
      await calls.register(caller);
    }
    await Promise.all(callers.map((caller) => calls.change(caller, CALLS_PER_USER)));
    await detach(strace);
  } finally {
    await server.stop("SIGKILL");
  }
  const tally = new Tally();
  tally.add("writing calls traced", calls.made.size);
  return { counts: tally.counts, losses: losses(eventsIn(readFileSync(file, "utf8")), calls.made, tally) };
}

/** Calls that write, one at a time for each user, and which request was whose. */
class Calls {
  readonly made = new Map<string, { readonly user: string; readonly operation: Operation }>();
  readonly #server: Server;
  readonly #random: Random;
  #n = 0;

  constructor(server: Server, random: Random) {
    this.#server = server;
    this.#random = random;
  }

  async register(caller: Caller): Promise<unknown> {
    this.#n += 1;
    const device = {
      clientRequestToken: `request-${this.#n}`,
      endpointAttributes: { deviceToken: `device-${this.#n}` },
    };
    const answer = await this.#call(caller, "Register", { ...device, type: "GCM", resourceArn: RESOURCE_ARN });
    return answer.body.endpointId;
  }

  async change(caller: Caller, times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      const endpointId = await this.register(caller);
      const operation = this.#random.pick(["Update", "Deregister"] as const);
      await this.#call(caller, operation, { endpointId, ...(operation === "Update" && { name: `name-${n}` }) });
    }
  }

  async #call(caller: Caller, operation: Operation, members: Members): Promise<Answer> {
    const wire = this.#random.pick<Wire>(["rest", "connect"]);
    const answer = await call(this.#server.url, caller, wire, operation, members);
    if (answer?.status !== 200) {
      throw new Error(`${operation} was answered ${answer?.status}`);
    }
    this.made.set(answer.requestId, { user: caller.arn, operation });
    return answer;
  }
}

async function attach({ process: { pid } }: Server, file: string): Promise<ChildProcess> {
  const strace = spawn("strace", [...STRACE_OPTIONS, "-o", file, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said] = await once(strace.stderr, "data");
  if (!String(said).includes("attached")) {
    throw new Error(`strace did not attach: ${said}`);
  }
  return strace;
}

async function detach(strace: ChildProcess): Promise<void> {
  strace.kill("SIGINT");
  await once(strace, "exit");
}

/** Replays a trace: at every answer, what its call wrote must have been synced, and the name of each new file too. */
function losses(events: readonly Event[], made: Calls["made"], tally: Tally): string[] {
  const disk = new Disk();
  const databases = new Map<string, string>();
  let answers = 0;
  const found = events.flatMap((event) => {
    if (event.kind !== "answered") {
      tally.add(`files ${event.kind}`);
      disk.take(event);
      return [];
    }
    const { user, operation } = made.get(event.requestId) ?? {};
    if (user === undefined || operation === undefined) {
      return [];
    }
    answers += 1;
    const database = databases.get(user) ?? disk.latest;
    databases.set(user, database);
    const unsynced = [...disk.unsynced(database), ...(operation === "Deregister" ? disk.unsynced(ALARMS) : [])];
    return [
      ...unsynced.map((what) => `${operation} was answered before ${what} was synced`),
      ...(disk.wasWritten(database) ? [] : [`${operation} was answered with nothing written`]),
    ];
  });
  return answers === made.size ? found : [...found, `the trace has ${answers} of ${made.size} answers`];
}

/** What of the files has not reached the disk. */
class Disk {
  /** The user's database that was last written to. */
  latest = "";
  readonly #dirty = new Set<string>();
  readonly #seen = new Set<string>();
  /** New files that their folder does not yet name for good. */
  readonly #unnamed = new Set<string>();
  readonly #written = new Set<string>();

  take({ kind, file }: Exclude<Event, { kind: "answered" }>): void {
    const database = databaseOf(file);
    if (kind === "synced") {
      this.#dirty.delete(file);
      for (const name of [...this.#unnamed].filter((unnamed) => dirname(unnamed) === file)) {
        this.#unnamed.delete(name);
      }
    } else if (database !== undefined) {
      this.#dirty.add(file);
      this.#written.add(database);
      if (database !== ALARMS) {
        this.latest = database;
        this.#nameIfNew(file);
      }
      this.#seen.add(file);
    }
  }

  #nameIfNew(file: string): void {
    if (!this.#seen.has(file)) {
      this.#unnamed.add(file);
    }
  }

  unsynced(database: string): string[] {
    const data = [...this.#dirty].filter((file) => databaseOf(file) === database);
    const names = [...this.#unnamed].filter((file) => databaseOf(file) === database);
    return [...data.map((file) => extension(file)), ...names.map((file) => `the name of ${extension(file)}`)];
  }

  /** Whether anything was written since this was last asked. */
  wasWritten(database: string): boolean {
    return this.#written.delete(database);
  }
}

/** Whose database a file belongs to. The index of the log (-shm) is made anew after a crash, and is of no account. */
function databaseOf(file: string): string | undefined {
  return /([^/]+)\.sqlite(-wal|-journal)?$/.exec(file)?.[1];
}

function extension(file: string): string {
  return file.slice(file.lastIndexOf("."));
}
