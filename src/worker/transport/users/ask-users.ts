import type { Caller } from "../../model/caller.ts";
import type { Failure } from "../../model/failure.ts";
import { jsonBytes } from "../../model/json-bytes.ts";
import { BATCH_ANSWER_MAX_BYTES, ENDPOINT_JSON_MAX_BYTES, FAN_OUT_MAX, FAN_OUT_MAX_BYTES } from "../../model/limits.ts";
import type { ResponseOf, UserRpc } from "../../model/user-rpcs.ts";
import { fanOut } from "../../objects/fan-out.ts";
import { reportBug } from "../reporting/report.ts";
import type { RequestEvent } from "../reporting/request-event.ts";
import { restError } from "../rest/errors.ts";
import { askUser, type Users } from "./ask-user.ts";
import type { Batch, UserError } from "./batch.ts";
import type { UserCall } from "./user-call.ts";

type Answer = ResponseOf<UserRpc> | UserError;

interface Measured {
  readonly answer: Answer;
  readonly bytes: number;
}

/**
 * Asks the objects of all users in a batch, several at once, and answers what became of each: whatever befalls one user, a bug
 * included, is that user's error and nobody else's.
 *
 * Once the answers are as much as fits in one, nobody is asked any more. The first user is always answered, so whoever asks
 * again for those who were left over comes to an end.
 */
export async function askUsers(users: Users, caller: Caller, { calls }: Batch, event: RequestEvent) {
  const answers = new Map<string, Measured>();
  let bytes = 0;
  const ask = async (call: UserCall) => {
    const answer = await askOne(users, caller, call, event);
    const measured = { answer, bytes: jsonBytes(answer) };
    bytes += measured.bytes;
    answers.set(call.arn, measured);
  };
  await fanOut(calls, widthFor(users), ask, () => bytes < BATCH_ANSWER_MAX_BYTES);
  return fitting(calls, answers);
}

/** As many as may answer at once without filling the memory, be each of them as long as can be. */
function widthFor({ config: { endpointsPerUser } }: Users): number {
  const longest = Math.min(BATCH_ANSWER_MAX_BYTES, endpointsPerUser * ENDPOINT_JSON_MAX_BYTES);
  return Math.min(FAN_OUT_MAX, Math.floor(FAN_OUT_MAX_BYTES / longest));
}

async function askOne(users: Users, caller: Caller, call: UserCall, event: RequestEvent): Promise<Answer> {
  try {
    const answer = await askUser(users, caller, call, event);
    return answer.kind === "ok" ? answer.response : errorFor(call, answer);
  } catch (error) {
    reportBug(event, error);
    return errorFor(call, { kind: "internal", reason: "INTERNAL" });
  }
}

/** In AWS's words, for its own calls about many have such errors too. */
function errorFor({ arn }: UserCall, failure: Failure): UserError {
  const { Code, Message } = restError(failure).body;
  return {
    appInstanceUserArn: arn,
    errorCode: Code,
    errorMessage: Message,
    ...("retryAfterMs" in failure && { retryAfterSeconds: Math.ceil(failure.retryAfterMs / 1_000) }),
  };
}

/** The answers in the order of the calls, as far as they fit in one: those that were asked for at once may be too many. */
function fitting(calls: Batch["calls"], answers: ReadonlyMap<string, Measured>): ReadonlyMap<string, Answer> {
  let left = BATCH_ANSWER_MAX_BYTES;
  return new Map(
    calls.map((call, n) => {
      const measured = answers.get(call.arn);
      const fits = measured !== undefined && (n === 0 || measured.bytes <= left);
      left -= fits ? measured.bytes : 0;
      return [call.arn, fits ? measured.answer : full(call)];
    }),
  );
}

function full({ arn }: UserCall): UserError {
  return {
    appInstanceUserArn: arn,
    errorCode: "ServiceUnavailable",
    errorMessage: "The answer is full. Ask again for this user.",
    retryAfterSeconds: 0,
  };
}
