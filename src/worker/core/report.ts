import { timestampMs } from "@bufbuild/protobuf/wkt";
import { verdictOf } from "../../client/push-services/words.ts";
import { FailureEffect } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Endpoint, Row } from "../model/endpoint.ts";
import { SUSPICION_MS } from "../model/limits.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { deviceTokenAtOf, laterUpdate } from "./confirm.ts";
import type { Decision } from "./decision.ts";
import { stateOf } from "./describe.ts";
import { isSameDevice } from "./same-device.ts";

type Request = RequestOf<"reportAppInstanceUserEndpointFailures">;
type Response = ResponseOf<"reportAppInstanceUserEndpointFailures">;
type Failure = Request["failures"][number];

/** What a failure does: its effect, and the endpoint as it is then, where that differs. */
interface Outcome {
  readonly effect: FailureEffect;
  readonly endpoint?: Endpoint;
}

/**
 * Decides what some failed pushes say of one user's endpoints, one failure after the other. The request names that user
 * alone, and `loadRow` gives the row that has an id.
 *
 * No endpoint is ever removed by it: a wrong verdict heals when the app names the token again. And none is made INACTIVE by a
 * failure of another token, or one from before the token was last named: reports come late, and twice.
 */
export function decideReport(
  loadRow: (endpointId: string) => Row | undefined,
  { failures }: Request,
  now: number,
): Decision<Response> {
  const rows = new Map<string, Row | undefined>();
  const changed = new Map<string, Endpoint>();
  const results = failures.map((failure) => {
    const { appInstanceUserArn, endpointId } = failure;
    const row = rows.has(endpointId) ? rows.get(endpointId) : loadRow(endpointId);
    rows.set(endpointId, row);
    if (row?.state !== "live") {
      return { appInstanceUserArn, endpointId, effect: FailureEffect.NOT_FOUND };
    }
    const { effect, endpoint = row } = fail(row, failure, now);
    if (endpoint !== row) {
      rows.set(endpointId, endpoint);
      changed.set(endpointId, endpoint);
    }
    return { appInstanceUserArn, endpointId, effect, endpointState: stateOf(endpoint) };
  });
  return { answer: { kind: "ok", response: { results, errors: [] } }, put: [...changed.values()] };
}

function fail(endpoint: Endpoint, { deviceToken, reason, timestamp }: Failure, now: number): Outcome {
  const isNamed = (token: string | undefined) =>
    token !== undefined && isSameDevice({ ...endpoint, deviceToken: token }, { ...endpoint, deviceToken });
  const isDevice = isNamed(endpoint.deviceToken);
  if (!isDevice && !isNamed(endpoint.voipDeviceToken)) {
    return { effect: FailureEffect.TOKEN_REPLACED };
  }
  // A clock that is ahead must not reach beyond what is confirmed from now on.
  const failedAt = Math.min(timestampMs(timestamp), now);
  if (deviceTokenAtOf(endpoint) > failedAt) {
    return { effect: FailureEffect.CONFIRMED_SINCE };
  }
  switch (verdictOf(reason)) {
    case "gone":
      return isDevice ? deactivate(endpoint, now) : removeVoipToken(endpoint, now);
    case "suspect":
      return isDevice ? suspect(endpoint, failedAt, now) : { effect: FailureEffect.REASON_IGNORED };
    case undefined:
      return { effect: FailureEffect.REASON_IGNORED };
  }
}

function deactivate(endpoint: Endpoint, now: number): Outcome {
  const effect = FailureEffect.DEACTIVATED;
  if (endpoint.inactiveSince !== undefined) {
    return { effect };
  }
  const { suspectedAt, ...rest } = endpoint;
  return { effect, endpoint: { ...rest, inactiveSince: now, lastUpdatedAt: laterUpdate(endpoint, now) } };
}

function removeVoipToken(endpoint: Endpoint, now: number): Outcome {
  const { voipDeviceToken, ...rest } = endpoint;
  return {
    effect: FailureEffect.VOIP_TOKEN_REMOVED,
    endpoint: { ...rest, lastUpdatedAt: laterUpdate(endpoint, now) },
  };
}

/**
 * By when the pushes failed, not by when that is reported: else a report that is sent again a day later would be the second. The
 * failure that was reported first stays the one to compare with, so what is reported again says nothing new.
 */
function suspect(endpoint: Endpoint, failedAt: number, now: number): Outcome {
  const { suspectedAt = failedAt, inactiveSince } = endpoint;
  if (inactiveSince !== undefined || Math.abs(failedAt - suspectedAt) >= SUSPICION_MS) {
    return deactivate(endpoint, now);
  }
  const effect = FailureEffect.SUSPECTED;
  return endpoint.suspectedAt === undefined ? { effect, endpoint: { ...endpoint, suspectedAt } } : { effect };
}
