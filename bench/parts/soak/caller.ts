/** Makes the calls of a crowd, and keeps what became of them. */
import { setTimeout } from "node:timers/promises";
import { bearerOf } from "../../../test/support/credentials.ts";
import { shuffled } from "../../load/shuffled.ts";
import type { Crowd, Kind, Next, Person } from "./crowd.ts";
import type { Came, SoakCall, Way } from "./ways.ts";

/** One in so many calls of an app is its first with credentials from a session. */
const SESSION_EVERY = 50;

/** A session is not used for longer than this. */
const SESSION_MAX_MS = 10 * 60_000;

/** So many calls may wait for an answer before it is clear that the machine does not keep up. */
const UNANSWERED_MAX = 5_000;

/** Longer than any caller would wait. */
const ANSWER_MAX_MS = 60_000;

const UNEXPECTED_SHOWN_MAX = 20;

export class Caller {
  readonly #crowd: Crowd;
  readonly #url: string;
  readonly #ways: Readonly<Record<string, Way>>;
  #millis: Partial<Record<Kind, number[]>> = {};
  #unanswered = 0;
  calls = 0;
  byWay: Record<string, number> = {};
  unexpected: Record<string, number> = {};

  constructor(crowd: Crowd, url: string, ways: Readonly<Record<string, Way>>) {
    this.#crowd = crowd;
    this.#url = url;
    this.#ways = ways;
  }

  /** So many calls at a time, each when another one has ended. */
  async callAll(atOnce: number, isOver: () => boolean, kind?: Kind): Promise<void> {
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (!isOver()) {
          await this.#call(performance.now(), kind);
        }
      }),
    );
  }

  /** So many calls a second, at moments of their own, however long others take. */
  async callAt(perSecond: number, isOver: () => boolean): Promise<void> {
    const under = new Set<Promise<void>>();
    let failed: unknown;
    for (let at = performance.now(); !isOver(); at += (-Math.log(1 - Math.random()) / perSecond) * 1_000) {
      const wait = at - performance.now();
      if (wait > 1) {
        await setTimeout(wait);
      }
      if (failed !== undefined) {
        throw failed;
      }
      if (this.#unanswered > UNANSWERED_MAX) {
        throw new Error(`${this.#unanswered} calls wait for an answer: the machine does not keep up`);
      }
      const calling: Promise<void> = this.#call(at)
        .catch((error) => {
          failed = error;
        })
        .finally(() => under.delete(calling));
      under.add(calling);
    }
    await Promise.all(under);
  }

  /** How long the calls took that have ended since it was last asked, by their kind. */
  take(): Partial<Record<Kind, number[]>> {
    const taken = this.#millis;
    this.#millis = {};
    return taken;
  }

  /** What has been counts for nothing. */
  forget(): void {
    this.take();
    this.calls = 0;
    this.byWay = {};
    this.unexpected = {};
  }

  /** From when it was due. */
  async #call(dueAt: number, asked?: Kind): Promise<void> {
    const { kind, ...next } = this.#crowd.next(asked);
    const [any = ""] = shuffled(Object.keys(this.#ways));
    const name = next.isSenders ? "REST" : any;
    this.#unanswered += 1;
    try {
      if (name === "REST" && !next.isSenders && Math.random() < 1 / SESSION_EVERY) {
        await this.#beginSession(next.person);
      }
      await this.#answered(name, kind, next);
    } finally {
      next.person.isCalling = false;
      this.#unanswered -= 1;
    }
    this.calls += 1;
    this.byWay[name] = (this.byWay[name] ?? 0) + 1;
    this.#millis[kind] ??= [];
    this.#millis[kind].push(performance.now() - dueAt);
  }

  async #answered(name: string, kind: Kind, { call, done, isSenders }: Next): Promise<void> {
    const { session: _, ...byKey } = call;
    const answer = await this.#ask(name, isSenders ? byKey : call);
    if (answer?.isExpected) {
      done?.(answer);
      return;
    }
    const what = `${kind}, ${name}: ${answer?.code ?? "no answer"}`;
    if (what in this.unexpected || Object.keys(this.unexpected).length < UNEXPECTED_SHOWN_MAX) {
      this.unexpected[what] = (this.unexpected[what] ?? 0) + 1;
    }
  }

  /** Undefined where none came in time: neither that nor a broken connection must end an hour of calls. */
  async #ask(name: string, call: SoakCall): Promise<Came | undefined> {
    const asked = this.#ways[name]?.(call).catch(({ message }: Error) => ({
      isExpected: false,
      code: message,
      body: "",
    }));
    return Promise.race([asked, setTimeout(ANSWER_MAX_MS, undefined, { ref: false })]);
  }

  async #beginSession(person: Person): Promise<void> {
    const response = await fetch(`${this.#url}/credentials`, { headers: await bearerOf(person.arn) });
    const { AccessKeyId = "", SecretAccessKey = "", Token = "" } = (await response.json()) as Record<string, string>;
    const signing = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
    person.session = { signing, until: Date.now() + SESSION_MAX_MS };
  }
}
