import type { AllowMessages } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Said } from "./confirm.ts";
import { allowMessagesOf } from "./enums.ts";

/** What a request says of an endpoint, and nothing that it leaves out. */
export function saidBy(request: {
  readonly name?: string | undefined;
  readonly allowMessages: AllowMessages;
  readonly endpointAttributes?:
    | { readonly deviceToken: string; readonly voipDeviceToken?: string | undefined }
    | undefined;
}): Said {
  const { name, endpointAttributes } = request;
  const { deviceToken, voipDeviceToken } = endpointAttributes ?? {};
  const allowMessages = allowMessagesOf(request);
  return {
    ...(deviceToken !== undefined && { deviceToken }),
    ...(voipDeviceToken !== undefined && { voipDeviceToken }),
    ...(name !== undefined && { name }),
    ...(allowMessages !== undefined && { allowMessages }),
  };
}
