import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  AllowMessages,
  type AppInstanceUserEndpoint,
  type EndpointState,
  EndpointStatus,
  FailureEffect,
} from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Answer, ResponseOf } from "../../src/worker/model/user-rpcs.ts";
import type { Told } from "./reference.ts";

/** What the responses of the operations have, together. */
interface Responses {
  readonly endpointId?: string;
  readonly appInstanceUserEndpoints?: readonly Pick<AppInstanceUserEndpoint, "endpointId" | "endpointState">[];
  readonly nextToken?: string;
  readonly appInstanceUserEndpoint?: AppInstanceUserEndpoint;
  readonly users?: Resolved["users"];
  readonly results?: readonly Result[];
}

type Resolved = ResponseOf<"resolveAppInstanceUserEndpoints">;
type Deliverable = Resolved["users"][number]["endpoints"][number];
type Result = ResponseOf<"reportAppInstanceUserEndpointFailures">["results"][number];

/** What an answer says, in the words of the reference. */
export function toldBy(answer: Answer<unknown>): Told {
  if (answer.kind !== "ok") {
    return "endpointId" in answer ? `${answer.reason} ${answer.endpointId}` : answer.reason;
  }
  const response = answer.response as Responses;
  const { endpointId, appInstanceUserEndpoints, nextToken, appInstanceUserEndpoint, users, results } = response;
  if (users !== undefined) {
    return `ok ${users[0]?.endpoints.map(deliverable)}`;
  }
  if (results !== undefined) {
    return `ok ${results.map(result)}`;
  }
  if (appInstanceUserEndpoint !== undefined) {
    return `ok ${described(appInstanceUserEndpoint)}`;
  }
  return appInstanceUserEndpoints === undefined
    ? ["ok", endpointId].filter(Boolean).join(" ")
    : `ok ${appInstanceUserEndpoints.map(summary)}${nextToken ? " and more" : ""}`;
}

function described({
  endpointAttributes,
  name,
  allowMessages,
  endpointState,
  ...times
}: AppInstanceUserEndpoint): Told {
  const { deviceToken, voipDeviceToken } = endpointAttributes ?? {};
  const { createdTimestamp, lastUpdatedTimestamp, deviceTokenTimestamp } = times;
  const at = [createdTimestamp, lastUpdatedTimestamp, deviceTokenTimestamp].map((time) => time && timestampMs(time));
  const allowed = nameIn(AllowMessages, allowMessages);
  return [deviceToken, voipDeviceToken, name, allowed, ...at, stateIn(endpointState)].join(" ");
}

function summary({ endpointId, endpointState }: Pick<AppInstanceUserEndpoint, "endpointId" | "endpointState">): Told {
  return `${endpointId} ${stateIn(endpointState)}`;
}

function deliverable({ endpointId, endpointAttributes, deviceTokenTimestamp }: Deliverable): Told {
  const { deviceToken, voipDeviceToken } = endpointAttributes;
  return [endpointId, deviceToken, voipDeviceToken, timestampMs(deviceTokenTimestamp as Timestamp)].join(" ");
}

function result({ endpointId, effect, endpointState }: Result): Told {
  return [endpointId, nameIn(FailureEffect, effect), stateIn(endpointState)].filter(Boolean).join(" ");
}

function stateIn(state: Pick<EndpointState, "status"> | undefined): string | undefined {
  return state && nameIn(EndpointStatus, state.status);
}

function nameIn(names: Readonly<Record<string, number>>, value: number): string | undefined {
  return Object.keys(names).find((name) => names[name] === value);
}
