import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { RollcallClient } from "../client.ts";
import type { EndpointState, FailureEffect } from "../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { isWorthReporting, type Refusal, refusalIn, tokenOf } from "../push-services/answer.ts";
import { verdictOf } from "../push-services/words.ts";
import { type BatchOptions, inBatches } from "./batches.ts";
import type { Destination } from "./resolve.ts";
import type { Answer, Unserved } from "./round.ts";
import type { Sorted, Source } from "./source.ts";

/** A push, and how it ended. */
export interface AnsweredPush {
  /** An endpoint as it was resolved, or its `voip`. */
  readonly sentTo: Destination;
  /** When: a token that its app has named since is not harmed. */
  readonly sentAt: Date;
  /**
   * What came back, as it is: an item of `failed` of @parse/node-apn, an error of apns2 or firebase-admin, a SendResponse, or an HTTP
   * answer as `{ status, body }`. Or your own word: `{ reason: "SUSPECT_DEVICE_TOKEN" }`, or INVALID_DEVICE_TOKEN.
   */
  readonly answer: unknown;
}

/** What became of one push's answer, with the push as it was given. */
export type Report<Push extends AnsweredPush> =
  | {
      readonly kind: "reported";
      readonly push: Push;
      /** The push service's word. */
      readonly reason: string;
      readonly effect: FailureEffect;
      /** Whether the endpoint can be reached now; undefined where there is none. */
      readonly endpointState: EndpointState | undefined;
    }
  | {
      /** The push arrived, or failed for another reason than its token: nothing was sent. */
      readonly kind: "nothing_to_report";
      readonly push: Push;
      /** The push service's word, where there was one. */
      readonly reason: string | undefined;
    }
  | {
      /** The server did not take it: report it again some time. */
      readonly kind: "not_reported";
      readonly push: Push;
      readonly reason: string;
      readonly error: Unserved;
    };

/** A push with the word that it failed with. */
interface Failure<Push> {
  readonly push: Push;
  readonly refusal: Refusal;
}

/**
 * Reports how any number of pushes ended, and tells what became of each, in no certain order. Only answers that say something of the
 * token go to the server; a payload, a certificate, a rate or a connection is nothing to report.
 *
 * Throws RollcallError for what concerns the whole, and TypeError where an answer names another token than its push was sent to.
 */
export function reportFailures<Push extends AnsweredPush>(
  rollcall: Pick<RollcallClient, "reportAppInstanceUserEndpointFailures">,
  pushes: Source<Push>,
  options: BatchOptions = {},
): AsyncGenerator<Report<Push>, void, undefined> {
  return inBatches<Push, Failure<Push>, Report<Push>>(
    pushes,
    {
      sort: failureOf,
      async ask(failures, callOptions) {
        const request = { failures: failures.map(deliveryFailure) };
        const { results, errors } = await rollcall.reportAppInstanceUserEndpointFailures(request, callOptions);
        const errorOf = new Map(errors.map((error) => [error.appInstanceUserArn, error]));
        // In the order reported, less those of users who stand among the errors.
        const inOrder = results.values();
        return failures.map((item): Answer<Failure<Push>, Report<Push>> => {
          const { push, refusal } = item;
          const error = errorOf.get(push.sentTo.appInstanceUserArn);
          if (error !== undefined) {
            return { item, error };
          }
          const { value: result } = inOrder.next();
          if (result?.endpointId !== push.sentTo.endpointId) {
            throw new Error("The server's answer is about other failures than were reported.");
          }
          const { effect, endpointState } = result;
          return { item, told: { kind: "reported", push, reason: refusal.reason, effect, endpointState } };
        });
      },
      giveUp: ({ push, refusal }, { errorCode, errorMessage }) => {
        return { kind: "not_reported", push, reason: refusal.reason, error: { errorCode, errorMessage } };
      },
    },
    options,
  );
}

function failureOf<Push extends AnsweredPush>(push: Push): Sorted<Failure<Push>, Report<Push>> {
  checkToken(push);
  const refusal = refusalIn(push.answer);
  return refusal !== undefined && isWorthReporting(refusal)
    ? { item: { push, refusal } }
    : { told: { kind: "nothing_to_report", push, reason: refusal?.reason } };
}

/** An answer that is paired with another push would harm a token that lives. Tells no token. */
function checkToken({ sentTo, answer }: AnsweredPush): void {
  const token = tokenOf(answer);
  if (token !== undefined && token.toLowerCase() !== sentTo.deviceToken.toLowerCase()) {
    throw new TypeError(
      `The answer is about another token than the push to endpoint ${sentTo.endpointId} was sent to.`,
    );
  }
}

function deliveryFailure({ push: { sentTo, sentAt }, refusal: { reason, since } }: Failure<AnsweredPush>) {
  const { appInstanceUserArn, endpointId, deviceToken } = sentTo;
  // Only of a dead token does a push service say since when; of others the time is none of the token's.
  const at = verdictOf(reason) === "gone" ? (since ?? sentAt.getTime()) : sentAt.getTime();
  return {
    appInstanceUserArn,
    endpointId,
    deviceToken,
    reason: reason.slice(0, REASON_MAX),
    timestamp: timestampFromMs(at),
  };
}

/** In characters, by the proto. */
const REASON_MAX = 128;
