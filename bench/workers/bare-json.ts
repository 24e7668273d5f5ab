import { CONNECT } from "./bare/connect.ts";
import { bareWorker } from "./bare/steps.ts";

export { AppInstanceUser, Directory } from "./bare/steps.ts";

interface Body {
  readonly appInstanceUserArn: string;
  readonly type: string;
  readonly resourceArn: string;
  readonly endpointAttributes: { readonly deviceToken: string };
  readonly clientRequestToken: string;
}

const TYPES: Readonly<Record<string, string>> = {
  APP_INSTANCE_USER_ENDPOINT_TYPE_APNS: "APNS",
  APP_INSTANCE_USER_ENDPOINT_TYPE_APNS_SANDBOX: "APNS_SANDBOX",
  APP_INSTANCE_USER_ENDPOINT_TYPE_GCM: "GCM",
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Over Connect in JSON, by a token. */
export default bareWorker({
  ...CONNECT,
  contentType: "application/json",
  read: (body) => {
    const { appInstanceUserArn, type, resourceArn, endpointAttributes, clientRequestToken } = JSON.parse(
      utf8.decode(body),
    ) as Body;
    return {
      arn: appInstanceUserArn,
      type: TYPES[type],
      resourceArn,
      deviceToken: endpointAttributes.deviceToken,
      clientRequestToken,
    };
  },
  accepted: (appInstanceUserArn, endpointId) => JSON.stringify({ appInstanceUserArn, endpointId }),
});
