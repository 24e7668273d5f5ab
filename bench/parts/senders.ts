/** What a sender's calls about many users cost, and what an app's launches cost besides registrations. Over REST. */
import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { BATCH_MAX } from "../../src/worker/model/limits.ts";
import type { Bundles } from "../bundles.ts";
import { freshUser, idIn } from "../calls/contestant.ts";
import { restWire, type User } from "../calls/wires.ts";
import { openFiles } from "../load/account.ts";
import { untilAsleep } from "../load/asleep.ts";
import { pidOf, requireStatus, sendAll } from "../load/send-all.ts";

const CONNECTIONS = 8;

/** A batch comes this often in a row: alone it would be too short to be measured. */
const TIMES = 4;

/** Rounds before the code is compiled, which count for nothing. */
const WARM_UPS = 3;

/** One of the cases, by the user. */
export interface SenderResult {
  readonly name: string;
  readonly title: string;
  /** What it takes the place of. */
  readonly to: string;
  readonly cpuMicros: Quartiles;
  /** Of one call. */
  readonly p50Millis: Quartiles;
  /** Processor time, to that of the other in the same round. */
  readonly ratio: Quartiles;
}

export interface Senders {
  readonly rounds: number;
  readonly users: number;
  readonly results: readonly SenderResult[];
}

type Wire = ReturnType<typeof restWire>;

/** A user with two devices. */
interface Registered extends User {
  readonly second: User;
}

interface Case {
  readonly title: string;
  /** The case that it is compared with. */
  readonly to: string;
  /** How many calls of this case a user takes; of a batch, a part of one. */
  readonly callsPerUser: number;
  readonly requests: (wire: Wire, users: readonly Registered[]) => Promise<Uint8Array>[];
}

const batches = (request: (users: readonly User[]) => Promise<Uint8Array>, users: readonly User[]) =>
  Array.from({ length: TIMES }, () => request(users));

const inBatches = { callsPerUser: 1 / BATCH_MAX };
const LISTS = "list and describe";
const REGISTER = "register";

/** In this order: each finds users as the one before has left them. */
const CASES: Readonly<Record<string, Case>> = {
  [LISTS]: {
    ...{ title: "list, and describe both endpoints", to: LISTS, callsPerUser: 3 },
    requests: ({ list, describe }, users) =>
      users.flatMap((user) => [list(user, 1), describe(user, 1), describe(user.second, 1)]),
  },
  "resolve 1": {
    ...{ title: "resolve of 1", to: LISTS, callsPerUser: 1 },
    requests: ({ resolve }, users) => users.map((user) => resolve([user])),
  },
  "resolve 100": {
    ...{ title: "resolve of 100", to: LISTS, ...inBatches },
    requests: ({ resolve }, users) => batches(resolve, users),
  },
  "resolve 100, unknown": {
    ...{ title: "resolve of 100 who are unknown", to: LISTS, ...inBatches },
    requests: ({ resolve }, users) => Array.from({ length: TIMES }, () => resolve(users.map(freshUser))),
  },
  "report 100, ignored": {
    ...{ title: "report of 100 failures that are no token's fault", to: LISTS, ...inBatches },
    requests: ({ report }, users) => batches((all) => report(all, "PayloadTooLarge"), users),
  },
  [REGISTER]: {
    ...{ title: "register, returning users", to: REGISTER, callsPerUser: 1 },
    requests: ({ register }, users) => users.map((user) => register(user, 3)),
  },
  launch: {
    ...{ title: "register the same device again, which adopts and writes nothing", to: REGISTER, callsPerUser: 1 },
    requests: ({ relaunch }, users) => users.map((user) => relaunch(user, 1)),
  },
  "report 100, dead": {
    ...{ title: "report of 100 failures, each of which writes a row", to: REGISTER, ...inBatches },
    requests: ({ report }, users) => [report(users, "Unregistered")],
  },
  heal: {
    ...{ title: "register an INACTIVE device again, which adopts and writes", to: REGISTER, callsPerUser: 1 },
    requests: ({ relaunch }, users) => users.map((user) => relaunch(user, 1)),
  },
  rotate: {
    ...{ title: "update with another device token", to: REGISTER, callsPerUser: 1 },
    requests: ({ rotate }, users) => users.map((user) => rotate(user, 4)),
  },
};

const ASLEEP = { ...{ name: "resolve 100, asleep", title: "resolve of 100 whose objects sleep" }, to: LISTS };

/** Processor time by the user, and the time of a call, of each case in a round. */
type Round = Map<string, { cpuMicros: number; p50Millis: number }>;

export async function measureSenders(
  { rollcall }: Bundles,
  rounds: number,
  tell: (progress: string) => void,
): Promise<Senders> {
  const variables = { SAME_DEVICE: "adopt", USERS_AT_ONCE: "10000", BATCHES_PER_CALLER: "1000000" };
  const workerd = await startTemporaryWorkerd(rollcall, { variables });
  try {
    const filesAtRest = openFiles(pidOf(workerd));
    const played: Round[] = [];
    let sleeping: readonly Registered[] = [];
    for (let n = -WARM_UPS; n < rounds; n++) {
      tell(n < 0 ? "senders, warming up" : `senders, round ${n + 1} of ${rounds}`);
      const round: Round = new Map();
      if (n >= 0) {
        await untilAsleep(workerd, filesAtRest);
        const { resolve } = restWire(workerd.url);
        await play(workerd, ASLEEP.name, { ...inBatches, requests: () => [resolve(sleeping)] }, sleeping, round);
      }
      const users = await registered(workerd);
      for (const [name, each] of Object.entries(CASES)) {
        await play(workerd, name, each, users, round);
      }
      sleeping = users;
      if (n >= 0) {
        played.push(round);
      }
    }
    return { rounds, users: BATCH_MAX, results: resultsOf(played) };
  } finally {
    await workerd.stop();
  }
}

async function play(
  workerd: Workerd,
  name: string,
  { requests, callsPerUser }: Pick<Case, "requests" | "callsPerUser">,
  users: readonly Registered[],
  round: Round,
): Promise<void> {
  const bytes = await Promise.all(requests(restWire(workerd.url), users));
  const { sample, answers } = await sendAll(workerd, bytes, callsPerUser < 1 ? 1 : CONNECTIONS);
  requireStatus("ok", answers);
  const unserved = answers.find(({ body }) => body.includes('"Errors":[{'));
  if (unserved !== undefined) {
    throw new Error(`not all users were served: ${unserved.body}`);
  }
  round.set(name, { cpuMicros: sample.cpuMicros * callsPerUser, p50Millis: sample.p50Millis });
}

/** New users, each with two devices. */
async function registered(workerd: Workerd): Promise<Registered[]> {
  const { register } = restWire(workerd.url);
  const users = Array.from({ length: BATCH_MAX }, freshUser);
  const [first = [], second = []] = await Promise.all(
    [1, 2].map(async (device) => {
      const requests = await Promise.all(users.map((user) => register(user, device)));
      const { answers } = await sendAll(workerd, requests, CONNECTIONS);
      requireStatus(201, answers);
      return answers.map(({ body }) => idIn(body));
    }),
  );
  return users.map(({ arn }, n) => ({
    arn,
    endpointId: first[n] ?? "",
    second: { arn, endpointId: second[n] ?? "" },
  }));
}

function resultsOf(rounds: readonly Round[]): SenderResult[] {
  const figure = (name: string, of: "cpuMicros" | "p50Millis") =>
    rounds.map((round) => round.get(name)?.[of] ?? Number.NaN);
  return [ASLEEP, ...Object.entries(CASES).map(([name, each]) => ({ name, ...each }))].map(({ name, title, to }) => ({
    ...{ name, title, to },
    cpuMicros: quartiles(figure(name, "cpuMicros")),
    p50Millis: quartiles(figure(name, "p50Millis")),
    ratio: quartiles(figure(name, "cpuMicros").map((own, n) => own / (figure(to, "cpuMicros")[n] ?? Number.NaN))),
  }));
}
