import type { CallOptions } from "@connectrpc/connect";
import { RollcallError, type RollcallFailure } from "../failure.ts";
import type { UserError } from "../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Sorted } from "./source.ts";

/** Why something was not done for one user, after the retries. */
export interface Unserved {
  /** In AWS's words: Throttled, ServiceUnavailable, ServiceFailure or BadRequest; more may come. */
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** What calls about many users are made for: what is read becomes items to ask for, and those become something to tell. */
export interface Work<Input, Item, Told> {
  sort(input: Input): Sorted<Item, Told>;
  /** Makes one call, and says what came of each item: what there is to tell, or the error of its user. */
  ask(items: readonly Item[], options: CallOptions): Promise<readonly Answer<Item, Told>[]>;
  /** What there is to tell of an item that was not served. */
  giveUp(item: Item, why: Unserved): Told;
}

type Asking<Item, Told> = Pick<Work<never, Item, Told>, "ask" | "giveUp">;

export type Answer<Item, Told> =
  | { readonly item: Item; readonly told: Told }
  | { readonly item: Item; readonly error: UserError };

/** Items to ask for in one call. */
export interface Group<Item> {
  readonly items: readonly Item[];
  /** Not before; like all times here by performance.now(). */
  readonly askAt: number;
  /** When trying again is over; undefined while nothing has failed. */
  readonly endsAt: number | undefined;
}

/** What came of a call, and what is left to ask. */
export interface Round<Item, Told> {
  readonly told: readonly Told[];
  readonly left: readonly Group<Item>[];
}

/** Between two calls of which the first served nobody, in milliseconds, where no longer time is named. */
const PAUSE_MIN_MS = 200;

/** After a call that failed as a whole, in milliseconds, where no time is named. The client has retried it by then. */
const PAUSE_DEFAULT_MS = 1_000;

/** Makes one call about a group. Throws what concerns the whole: that nobody may call, or nobody answers for `retryForMs`. */
export async function playRound<Item, Told>(
  group: Group<Item>,
  work: Asking<Item, Told>,
  { retryForMs, signal }: { readonly retryForMs: number; readonly signal: AbortSignal },
): Promise<Round<Item, Told>> {
  try {
    const answers = await work.ask(group.items, { signal });
    return roundOf(answers, work, group.endsAt ?? performance.now() + retryForMs);
  } catch (error) {
    if (!(error instanceof RollcallError)) {
      throw error;
    }
    const round = withoutFaulty(group, work, error.failure) ?? later(group, retryForMs, error.failure);
    if (round === undefined) {
      throw error;
    }
    return round;
  }
}

/** Users are asked for again after the time that is named for them. No time is named where that is of no use. */
function roundOf<Item, Told>(
  answers: readonly Answer<Item, Told>[],
  work: Asking<Item, Told>,
  endsAt: number,
): Round<Item, Told> {
  const now = performance.now();
  const pauseMinMs = answers.some((answer) => "told" in answer) ? 0 : PAUSE_MIN_MS;
  const told: Told[] = [];
  const again = new Map<number, Item[]>();
  for (const answer of answers) {
    if ("told" in answer) {
      told.push(answer.told);
      continue;
    }
    const { item, error } = answer;
    const askAt = now + Math.max(pauseMinMs, (error.retryAfterSeconds ?? 0) * 1_000);
    if (error.retryAfterSeconds === undefined || askAt > endsAt) {
      told.push(work.giveUp(item, error));
    } else {
      again.set(askAt, [...(again.get(askAt) ?? []), item]);
    }
  }
  return { told, left: Array.from(again, ([askAt, items]) => ({ items, askAt, endsAt })) };
}

/**
 * What is wrong with some items is told of those, and the others are asked for again; what is too large is, by halves. Undefined where it
 * is neither.
 */
function withoutFaulty<Item, Told>(
  { items, endsAt }: Group<Item>,
  work: Asking<Item, Told>,
  failure: RollcallFailure,
): Round<Item, Told> | undefined {
  const groupOf = (items: readonly Item[]) => ({ items, askAt: 0, endsAt });
  if (failure.kind === "too_large") {
    const half = Math.ceil(items.length / 2);
    return items.length > 1
      ? { told: [], left: [groupOf(items.slice(0, half)), groupOf(items.slice(half))] }
      : { told: items.map((item) => work.giveUp(item, badRequest("It is too large."))), left: [] };
  }
  if (failure.kind !== "invalid" || failure.violations.length === 0) {
    return undefined;
  }
  const faults = new Map(failure.violations.map(({ field, message }) => [indexIn(field), message]));
  if (faults.has(undefined)) {
    return undefined;
  }
  const good = items.filter((_, index) => !faults.has(index));
  const bad = items.flatMap((item, index) => {
    const message = faults.get(index);
    return message === undefined ? [] : [work.giveUp(item, badRequest(message))];
  });
  return bad.length === 0 ? undefined : { told: bad, left: good.length === 0 ? [] : [groupOf(good)] };
}

/** "failures[3].reason" is about the item 3; what is about no item has no index. */
function indexIn(field: string): number | undefined {
  const index = /^\w+\[(\d+)\]/.exec(field)?.[1];
  return index === undefined ? undefined : Number(index);
}

function badRequest(errorMessage: string): Unserved {
  return { errorCode: "BadRequest", errorMessage };
}

/** The whole group again, if the failure is one that passes and there is time left. */
function later<Item>(group: Group<Item>, retryForMs: number, failure: RollcallFailure): Round<Item, never> | undefined {
  if (!["throttled", "unavailable", "network", "deadline_exceeded"].includes(failure.kind)) {
    return undefined;
  }
  const pauseMs = ("retryAfterMs" in failure ? failure.retryAfterMs : undefined) ?? PAUSE_DEFAULT_MS;
  const endsAt = group.endsAt ?? performance.now() + retryForMs;
  const askAt = performance.now() + pauseMs;
  return askAt > endsAt ? undefined : { told: [], left: [{ items: group.items, askAt, endsAt }] };
}
