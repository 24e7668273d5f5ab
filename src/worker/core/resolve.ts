import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AppInstanceUserEndpointType } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Endpoint, Row } from "../model/endpoint.ts";
import { jsonBytes } from "../model/json-bytes.ts";
import { BATCH_ANSWER_MAX_BYTES } from "../model/limits.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { deviceTokenAtOf, isStale } from "./confirm.ts";
import type { Decision } from "./decision.ts";
import { attributesOf } from "./describe.ts";
import { isLive } from "./tombstone.ts";

type Request = RequestOf<"resolveAppInstanceUserEndpoints">;
type Response = ResponseOf<"resolveAppInstanceUserEndpoints">;

/**
 * Decides which endpoints of one user may be woken, given all of the user's rows. The request names that user alone.
 *
 * Where they are longer than any answer may be, the user is an error, and no more rows are read: an answer that no client takes
 * would cost the sender all other users of the call, and asking again would not help.
 */
export function decideResolve(
  rows: Iterable<Row>,
  { appInstanceUserArns, resourceArn }: Request,
  { now, staleAfterMs }: { now: number; staleAfterMs: number },
): Decision<Response> {
  const isAskedFor = (endpoint: Endpoint) =>
    isDeliverable(endpoint) &&
    !isStale(endpoint, staleAfterMs, now) &&
    (resourceArn === undefined || endpoint.resourceArn === resourceArn);
  const endpoints: Response["users"][number]["endpoints"][number][] = [];
  let bytes = 0;
  for (const row of rows) {
    if (isLive(row) && isAskedFor(row)) {
      const endpoint = deliverable(row);
      bytes += jsonBytes(endpoint);
      if (bytes > BATCH_ANSWER_MAX_BYTES) {
        return { answer: { kind: "ok", response: { users: [], errors: appInstanceUserArns.map(tooLong) } } };
      }
      endpoints.push(endpoint);
    }
  }
  const users = appInstanceUserArns.map((appInstanceUserArn) => ({ appInstanceUserArn, endpoints }));
  return { answer: { kind: "ok", response: { users, errors: [] } } };
}

function isDeliverable({ inactiveSince, allowMessages }: Endpoint): boolean {
  return inactiveSince === undefined && allowMessages === "ALL";
}

function deliverable(endpoint: Endpoint) {
  const { endpointId, type, resourceArn } = endpoint;
  return {
    endpointId,
    type: AppInstanceUserEndpointType[type],
    resourceArn,
    endpointAttributes: attributesOf(endpoint),
    deviceTokenTimestamp: timestampFromMs(deviceTokenAtOf(endpoint)),
  };
}

function tooLong(appInstanceUserArn: string) {
  return {
    appInstanceUserArn,
    errorCode: "ServiceFailure",
    errorMessage:
      "The user's endpoints are longer than an answer may be. Ask for those of one ResourceArn, or list them.",
  };
}
