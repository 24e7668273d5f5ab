/** Rows name what messages number: a name keeps its meaning, whatever becomes of the proto, and fingerprints hash it. */
import { AllowMessages, AppInstanceUserEndpointType } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Endpoint } from "../model/endpoint.ts";

/** The type that a registration names. */
export function typeOf({ type }: { readonly type: AppInstanceUserEndpointType }): Endpoint["type"] {
  switch (type) {
    case AppInstanceUserEndpointType.APNS:
      return "APNS";
    case AppInstanceUserEndpointType.APNS_SANDBOX:
      return "APNS_SANDBOX";
    case AppInstanceUserEndpointType.GCM:
      return "GCM";
    default:
      throw new RangeError(`no endpoint has the type ${type}`);
  }
}

/** What a request says of messages; undefined where it leaves that out. */
export function allowMessagesOf({
  allowMessages,
}: {
  readonly allowMessages: AllowMessages;
}): Endpoint["allowMessages"] | undefined {
  switch (allowMessages) {
    case AllowMessages.UNSPECIFIED:
      return undefined;
    case AllowMessages.ALL:
      return "ALL";
    case AllowMessages.NONE:
      return "NONE";
    default:
      throw new RangeError(`messages are not allowed by ${allowMessages}`);
  }
}
