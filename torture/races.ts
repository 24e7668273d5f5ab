/**
 * Many callers of one user at the same moment, over both wires, user after user: identical calls, one device under many
 * request tokens, more devices than slots, and a device that comes while it goes. No race ends with a duplicate, a slot
 * too many or too few, or an answer that does not agree with what is stored.
 */

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
import { type Server, UNLIMITED, withServer } from "./server.ts";

const CALLERS = 16;
const USERS_PER_RACE = 200;

/** Users whose races go on at the same time. */
const USERS_AT_ONCE = 4;

const ENDPOINTS_PER_USER = 10;

export const races: Attack = {
  name: "races",
  shortRounds: 1,
  weight: 1,
  round: (seed, bundle) => {
    const variables = { ...UNLIMITED, ENDPOINTS_PER_USER: String(ENDPOINTS_PER_USER) };
    return withServer(bundle, variables, (server) => round(seed, server));
  },
};

const RACES = { identicalCalls, oneDevice, lastSlots, comingAndGoing };

async function round(seed: string, server: Server): Promise<Round> {
  const tally = new Tally();
  const losses: string[] = [];
  for (const [name, race] of Object.entries(RACES)) {
    const users = Array.from({ length: USERS_PER_RACE }, (_, n) => n).values();
    const run = async () => {
      for (const n of users) {
        const user = new RacingUser(server, await callerFor(freshUserArn()), new Random(`${seed}/${name}/${n}`));
        const wrong = (await race(user)) ?? user.unexpected();
        losses.push(...(wrong === undefined ? [] : [`${name}, user ${n}: ${wrong}`]));
        tally.add(`${name}: calls`, user.calls);
      }
    };
    await Promise.all(Array.from({ length: USERS_AT_ONCE }, run));
    tally.add(`${name}: users`, USERS_PER_RACE);
  }
  return { counts: tally.counts, losses };
}

/** What is wrong with how the race ended, if anything. */
type Verdict = Promise<string | undefined>;

async function identicalCalls(user: RacingUser): Verdict {
  const answers = await user.atOnce(CALLERS, () => user.register("request-1", "device-1"));
  const ids = new Set(answers.map(idIn));
  const live = await user.live();
  return answers.every(isOk) && ids.size === 1 && ids.has(live[0]) && live.length === 1
    ? undefined
    : `answered ${told(answers)}; there are ${live}`;
}

/** Like the same app started on many threads: one of them makes the endpoint, and the others are told which it is. */
async function oneDevice(user: RacingUser): Verdict {
  const answers = await user.atOnce(CALLERS, (n) => user.register(`request-${n}`, "device-1"));
  const live = await user.live();
  const [made, ...more] = answers.filter(isOk);
  const namesIt = ({ status, body }: Answer) => status === 409 && String(body.message).includes(live[0] ?? "none");
  return made !== undefined && more.length === 0 && live.length === 1 && answers.filter(namesIt).length === CALLERS - 1
    ? undefined
    : `answered ${told(answers)}; there are ${live}`;
}

async function lastSlots(user: RacingUser): Verdict {
  const left = user.random.between(1, 3);
  for (let n = left; n < ENDPOINTS_PER_USER; n++) {
    await user.register(`before-${n}`, `before-${n}`);
  }
  const answers = await user.atOnce(CALLERS, (n) => user.register(`request-${n}`, `device-${n}`));
  const live = await user.live();
  const made = answers.filter(isOk).map(idIn);
  const refused = answers.filter(({ status }) => status === 400).length;
  const isWhole = live.length === ENDPOINTS_PER_USER && made.every((id) => live.includes(String(id)));
  return made.length === left && refused === CALLERS - left && isWhole
    ? undefined
    : `${left} slots were left; answered ${told(answers)}; there are ${live}`;
}

/** At most one registration gets the place of the endpoint that goes; which others were told of depends on who was first. */
async function comingAndGoing(user: RacingUser): Verdict {
  const old = idIn(await user.register("request-old", "device-1"));
  const goes = user.random.between(1, 3);
  const answers = await user.atOnce(CALLERS, (n) =>
    n < goes ? user.deregister(old) : user.register(`request-${n}`, "device-1"),
  );
  const live = await user.live();
  const late = await user.register("request-old", "device-1");
  const made = answers.slice(goes).filter(isOk).map(idIn);
  const isTold = answers.slice(goes).every((answer) => isOk(answer) || answer.status === 409);
  return answers.slice(0, goes).every(isOk) && isTold && late.status === 409 && `${made}` === `${live}`
    ? undefined
    : `answered ${told(answers)}, a late retry ${late.status}; there are ${live}`;
}

/** One user's callers, each over whichever wire. */
class RacingUser {
  calls = 0;
  readonly random: Random;
  readonly #server: Server;
  readonly #caller: Caller;
  readonly #statuses = new Set<number>();

  constructor(server: Server, caller: Caller, random: Random) {
    this.#server = server;
    this.#caller = caller;
    this.random = random;
  }

  atOnce(callers: number, act: (n: number) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(Array.from({ length: callers }, (_, n) => act(n)));
  }

  register(clientRequestToken: string, deviceToken: string): Promise<Answer> {
    const device = { type: "GCM", resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken } };
    return this.#call("Register", { ...device, clientRequestToken });
  }

  deregister(endpointId: unknown): Promise<Answer> {
    return this.#call("Deregister", { endpointId });
  }

  /** The ids of what is stored. */
  async live(): Promise<string[]> {
    const { body } = await this.#call("List");
    return ((body.appInstanceUserEndpoints ?? []) as { endpointId: string }[]).map(({ endpointId }) => endpointId);
  }

  /** Answers that no race may end with. */
  unexpected(): string | undefined {
    const wrong = [...this.#statuses].filter((status) => ![200, 400, 409].includes(status));
    return wrong.length === 0 ? undefined : `calls were answered ${wrong}`;
  }

  async #call(operation: Operation, members?: Members): Promise<Answer> {
    this.calls += 1;
    const wire = this.random.pick<Wire>(["rest", "connect"]);
    const answer = await call(this.#server.url, this.#caller, wire, operation, members);
    if (answer === undefined) {
      throw new Error(`${operation} was not answered`);
    }
    this.#statuses.add(answer.status);
    return answer;
  }
}

function isOk({ status }: Answer): boolean {
  return status === 200;
}

function idIn({ body }: Answer): unknown {
  return body.endpointId;
}

function told(answers: readonly Answer[]): string {
  return answers.map(({ status, body }) => `${status} ${body.endpointId ?? ""}`).join(", ");
}
