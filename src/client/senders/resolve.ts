import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { RollcallClient } from "../client.ts";
import type {
  AppInstanceUserEndpointType,
  DeliverableEndpoint,
} from "../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { type BatchOptions, inBatches } from "./batches.ts";
import type { Answer, Unserved } from "./round.ts";
import type { Source } from "./source.ts";

/** What a push is sent to: a token, and whose it is. A report of what failed takes it as it is. */
export interface Destination {
  readonly appInstanceUserArn: string;
  readonly endpointId: string;
  readonly deviceToken: string;
}

/** An endpoint that may be woken now. */
export interface ResolvedEndpoint extends Destination {
  /** The push service to send through; APNS and APNS_SANDBOX are Apple's two environments. */
  readonly type: AppInstanceUserEndpointType;
  /** The application to send through. */
  readonly resourceArn: string;
  /** When the app last said that the device has this token, to about a week. */
  readonly confirmedAt: Date | undefined;
  /** The same endpoint by its token for VoIP notifications, where it has one. */
  readonly voip: Destination | undefined;
}

/** What came of one user. */
export type Resolution =
  | {
      readonly kind: "resolved";
      readonly appInstanceUserArn: string;
      /** None where there is none that may be woken, or the user is not known. */
      readonly endpoints: readonly ResolvedEndpoint[];
    }
  | {
      /** It is not known which endpoints the user has. */
      readonly kind: "unresolved";
      readonly appInstanceUserArn: string;
      readonly error: Unserved;
    };

export interface ResolveOptions extends BatchOptions {
  /** The ARN of an application: endpoints of others are left out. */
  readonly resourceArn?: string | undefined;
}

/**
 * Resolves any number of users to the endpoints that may be woken now. Each is told once, as soon as it is known, in no certain order;
 * one that is named again is passed over, which takes memory for each name. A user who is not served is asked for again as the server
 * says, and told as unresolved when the time for that is over.
 *
 * Throws RollcallError for what concerns the whole: a policy that does not allow it, or that no answer comes.
 */
export function resolveEndpoints(
  rollcall: Pick<RollcallClient, "resolveAppInstanceUserEndpoints">,
  appInstanceUserArns: Source<string>,
  { resourceArn, ...options }: ResolveOptions = {},
): AsyncGenerator<Resolution, void, undefined> {
  const seen = new Set<string>();
  return inBatches<string, string, Resolution>(
    appInstanceUserArns,
    {
      sort: (item) => (seen.size < seen.add(item).size ? { item } : undefined),
      async ask(arns, callOptions) {
        const request = { appInstanceUserArns: [...arns], ...(resourceArn !== undefined && { resourceArn }) };
        const { users, errors } = await rollcall.resolveAppInstanceUserEndpoints(request, callOptions);
        return [
          ...users.map(({ appInstanceUserArn: item, endpoints }): Answer<string, Resolution> => {
            const resolved = endpoints.map((endpoint) => resolvedEndpoint(item, endpoint));
            return { item, told: { kind: "resolved", appInstanceUserArn: item, endpoints: resolved } };
          }),
          ...errors.map((error) => ({ item: error.appInstanceUserArn, error })),
        ];
      },
      giveUp: (appInstanceUserArn, { errorCode, errorMessage }) => {
        return { kind: "unresolved", appInstanceUserArn, error: { errorCode, errorMessage } };
      },
    },
    options,
  );
}

function resolvedEndpoint(
  appInstanceUserArn: string,
  { endpointId, type, resourceArn, endpointAttributes, deviceTokenTimestamp }: DeliverableEndpoint,
): ResolvedEndpoint {
  const { deviceToken = "", voipDeviceToken } = endpointAttributes ?? {};
  const whose = { appInstanceUserArn, endpointId };
  return {
    ...whose,
    ...{ deviceToken, type, resourceArn },
    confirmedAt: deviceTokenTimestamp && timestampDate(deviceTokenTimestamp),
    voip: voipDeviceToken === undefined ? undefined : { ...whose, deviceToken: voipDeviceToken },
  };
}
