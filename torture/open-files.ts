/**
 * More users than a server has files for, each of whom holds three while awake. Those for whom there is no room are told
 * to wait, nobody is lost, and there is room again once others have gone to sleep.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, type Caller, call, callerFor } from "../test/support/calls.ts";
import { freshUserArn, RESOURCE_ARN } from "../test/support/requests.ts";
import { type Attack, type Round, Tally } from "./attack.ts";
import { Random } from "./random.ts";
import { openFiles, type Server, start, UNLIMITED, withData } from "./server.ts";

const USERS_AT_ONCE = 20;
const USERS = 80;
const CALLERS = 8;

/**
 * What those users take, and besides them connections, two files each: the callers were seen to hold 17, for `fetch` opens
 * another where the last call's is not free yet. All users, if they were let in, would take 80 more than there are.
 */
const FILES_FOR_USERS = USERS_AT_ONCE * 3;
const FILES_BESIDES = 100;

/** Longer than the Worker takes a user's object to be awake. */
const ASLEEP_MS = 13_000;

const REGISTRATION = { type: "GCM", resourceArn: RESOURCE_ARN, clientRequestToken: "request-1" };

export const openFilesExhausted: Attack = {
  name: "open-files",
  shortRounds: 1,
  weight: 1,
  unfit: () =>
    spawnSync("prlimit", ["--version"]).status === 0 && process.platform === "linux"
      ? undefined
      : "prlimit of util-linux is not there to bound open files with",
  round: (seed, bundle) => withData((data) => round(new Random(seed), bundle, data)),
};

interface Outcome {
  readonly caller: Caller;
  readonly deviceToken: string;
  readonly answer: Answer | undefined;
}

async function round(random: Random, bundle: string, data: string): Promise<Round> {
  const tally = new Tally();
  const losses: string[] = [];
  const outcomes: Outcome[] = [];
  const samples: number[] = [];
  const server = await start(bundle, data, { ...UNLIMITED, USERS_AT_ONCE: String(USERS_AT_ONCE) });
  try {
    boundFiles(server);
    const callers = await Promise.all(Array.from({ length: USERS }, () => callerFor(freshUserArn())));
    outcomes.push(...(await registerAll(server, callers, random)));
    samples.push(openFiles(server) ?? 0);
    const served = outcomes.filter(({ answer }) => answer?.status === 200).length;
    losses.push(
      ...(served === USERS_AT_ONCE ? [] : [`${served} users were served where there was room for ${USERS_AT_ONCE}`]),
    );
    await wait(ASLEEP_MS);
    const refused = outcomes.filter(({ answer }) => answer?.status !== 200).slice(0, USERS_AT_ONCE);
    const again = await registerAll(
      server,
      refused.map(({ caller }) => caller),
      random,
    );
    losses.push(
      ...again
        .filter(({ answer }) => answer?.status !== 200)
        .map(({ answer }) => `there was room, and a user was answered ${answer?.status}`),
    );
    outcomes.push(...again);
    if (server.hasEnded()) {
      losses.push(`workerd ended: ${server.said.at(-1)}`);
    }
  } finally {
    await server.stop("SIGKILL");
  }
  for (const { answer } of outcomes) {
    tally.add(`answers: ${answer?.status ?? "none"}`);
  }
  const unexpected = outcomes.filter(({ answer }) => answer?.status !== 200 && answer?.status !== 503);
  losses.push(...unexpected.map(({ answer }) => `a registration was answered ${answer?.status}`));
  losses.push(...(await lost(bundle, data, outcomes)));
  return { counts: tally.counts, samples: { "open files": samples }, losses };
}

/** Every call over a connection that is kept, CALLERS at once. */
async function registerAll({ url }: Server, callers: readonly Caller[], random: Random): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = callers.values();
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      for (const caller of left) {
        const deviceToken = `device-${caller.arn}`;
        const wire = random.pick(["rest", "connect"] as const);
        const answer = await call(url, caller, wire, "Register", {
          ...REGISTRATION,
          endpointAttributes: { deviceToken },
        });
        outcomes.push({ caller, deviceToken, answer });
      }
    }),
  );
  return outcomes;
}

/** Leaves no more files than the users who may be awake need, and some connections. */
function boundFiles(server: Server): void {
  const limit = (openFiles(server) ?? 0) + FILES_FOR_USERS + FILES_BESIDES;
  execFileSync("prlimit", ["--pid", String(server.process.pid), `--nofile=${limit}`]);
}

/** What is not as it was answered, seen by a server that has files enough. */
async function lost(bundle: string, data: string, outcomes: readonly Outcome[]): Promise<string[]> {
  const server = await start(bundle, data, UNLIMITED);
  try {
    const looks = outcomes.map(async ({ caller, answer }) => {
      const list = await call(server.url, caller, "rest", "List");
      const ids = ((list?.body.appInstanceUserEndpoints ?? []) as { endpointId: string }[]).map(
        ({ endpointId }) => endpointId,
      );
      const wasAcknowledged = answer?.status === 200;
      return !wasAcknowledged || (ids.length === 1 && ids[0] === answer.body.endpointId)
        ? []
        : [`an acknowledged registration is not there: ${JSON.stringify(ids)}`];
    });
    return (await Promise.all(looks)).flat();
  } finally {
    await server.stop("SIGKILL");
  }
}
