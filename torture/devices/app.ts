/** An app whose users have phones: they call until they are answered, as callers are told to, whatever becomes of the server. */
import { setTimeout as wait } from "node:timers/promises";
import {
  type Answer,
  type Caller,
  call,
  callerFor,
  type Members,
  type Operation,
  type Wire,
} from "../../test/support/calls.ts";
import { RESOURCE_ARN } from "../../test/support/requests.ts";
import { send } from "../../test/support/wire.ts";
import type { Tally } from "../attack.ts";
import type { Random } from "../random.ts";
import type { Serving } from "./serving.ts";

const ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/torture";
const SERVICE = "/rollcall.v1.AppInstanceUserEndpointService/";

/** Longer than a server takes to start, and losers to hear of it whose first telling was lost. */
export const PATIENCE_MS = 60_000;

export const AGAIN_MS = 20;

/** "user-0", "user-1" and so on. */
export function names(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${word}-${n}`);
}

export class App {
  readonly losses: string[] = [];
  readonly #serving: Serving;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #callers = new Map<string, Promise<Caller>>();
  #requests = 0;

  constructor(serving: Serving, random: Random, tally: Tally) {
    this.#serving = serving;
    this.#random = random;
    this.#tally = tally;
  }

  lose(losses: readonly string[]): void {
    this.losses.push(...losses);
  }

  /** What is lost if something is not as it must be. */
  check(isRight: boolean, loss: string): void {
    this.lose(isRight ? [] : [loss]);
  }

  register(user: string, token: string, clientRequestToken: string): Promise<Answer> {
    return this.answered(user, "Register", registration(token, clientRequestToken));
  }

  /** Registers as an app does at launch, with another request token each time if none is given, and answers the endpoint's id. */
  async launch(user: string, token: string, clientRequestToken = this.requestToken()): Promise<unknown> {
    const { status, body } = await this.register(user, token, clientRequestToken);
    this.check(status === 200, `a launch was answered ${status}`);
    return body.endpointId;
  }

  requestToken(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }

  /** Calls again and again until an answer comes that is not 503. */
  async answered(user: string, operation: Operation, members?: Members): Promise<Answer> {
    const end = Date.now() + PATIENCE_MS;
    while (Date.now() < end) {
      const answer = await this.once(user, operation, members);
      if (answer !== undefined && answer.status !== 503) {
        return answer;
      }
      await wait(AGAIN_MS);
    }
    throw new Error(`${operation} of ${user} was not answered in ${PATIENCE_MS / 1_000} s`);
  }

  /** Calls once, over whichever wire. Answers undefined where no answer came, before the caller hangs up if it does. */
  async once(user: string, operation: Operation, members?: Members, hangsUpMs?: number): Promise<Answer | undefined> {
    const { url } = this.#serving;
    if (url === undefined) {
      return undefined;
    }
    const patience = hangsUpMs === undefined ? {} : { signal: AbortSignal.timeout(hangsUpMs) };
    const server = (path: string, init: RequestInit) => fetch(url + path, { ...init, ...patience });
    const answer = await call(server, await this.#caller(user), this.#wire(), operation, members);
    this.#tally.add(answer === undefined ? "calls without an answer" : "calls");
    if (answer?.status === 503) {
      this.#tally.add("calls answered 503");
      this.check(answer.retryAfter !== null, `${operation} was answered 503 without a time to wait`);
    }
    return answer;
  }

  /** The tokens by which a sender may wake a user. */
  async woken(user: string): Promise<string[]> {
    const { body } = await this.answered(user, "Resolve");
    const [of] = (body.users ?? []) as { endpoints?: Described[] }[];
    return (of?.endpoints ?? []).map(({ endpointAttributes: { deviceToken } }) => deviceToken);
  }

  /** Whether each of a user's endpoints is ACTIVE, by the token that it has. */
  async statuses(user: string): Promise<Map<string, string>> {
    const statuses = new Map<string, string>();
    for (const endpointId of await this.#listed(user)) {
      const { body } = await this.answered(user, "Describe", { endpointId });
      const { endpointAttributes, endpointState } = (body.appInstanceUserEndpoint ?? {}) as Partial<Described>;
      statuses.set(endpointAttributes?.deviceToken ?? "gone", endpointState?.status ?? "gone");
    }
    return statuses;
  }

  /** Whom the Directory names for a token. */
  async lookUp(token: string): Promise<string[]> {
    const device = { AppInstanceArn: ARN, ResourceArn: RESOURCE_ARN, DeviceToken: token };
    const isRest = this.#wire() === "rest";
    const [path, body] = isRest
      ? ["/app-instance-user-endpoints/lookup", { ...device, Type: "GCM" }]
      : [
          `${SERVICE}LookupAppInstanceUserEndpoints`,
          { ...lowerCamelCase(device), type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM" },
        ];
    const end = Date.now() + PATIENCE_MS;
    while (Date.now() < end) {
      const { status, text } = await send(this.#serving.url ?? "", {
        ...{ method: "POST", path, headers: { "content-type": "application/json" } },
        body: JSON.stringify(body),
      });
      this.#tally.add("look-ups");
      if (status === 200) {
        const arns = Array.from(text.matchAll(/"[aA]ppInstanceUserArn":"([^"]+)"/g), ([, arn = ""]) => arn);
        return arns.map((arn) => arn.slice(arn.lastIndexOf("/") + 1));
      }
      if (status !== 503) {
        throw new Error(`a look-up was answered ${status}: ${text}`);
      }
      await wait(AGAIN_MS);
    }
    throw new Error("a look-up was not answered");
  }

  async #listed(user: string): Promise<string[]> {
    const ids: string[] = [];
    let nextToken: unknown;
    do {
      const { body } = await this.answered(user, "List", nextToken === undefined ? {} : { nextToken });
      ids.push(...((body.appInstanceUserEndpoints ?? []) as Described[]).map(({ endpointId }) => endpointId));
      nextToken = body.nextToken;
    } while (nextToken !== undefined);
    return ids;
  }

  #wire(): Wire {
    return this.#random.pick(["rest", "connect"]);
  }

  #caller(user: string): Promise<Caller> {
    const caller = this.#callers.get(user) ?? callerFor(`${ARN}/user/${user}`);
    this.#callers.set(user, caller);
    return caller;
  }
}

/** What a registration of a phone asks for. */
export function registration(token: string, clientRequestToken: string): Members {
  return { type: "GCM", resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken: token }, clientRequestToken };
}

interface Described {
  readonly endpointId: string;
  readonly endpointAttributes: { readonly deviceToken: string };
  readonly endpointState?: { readonly status: string };
}

function lowerCamelCase(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}
