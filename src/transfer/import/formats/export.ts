import { failed, leftOut, otherChannel, type Read, requestTokenOf, textAt, typeNamed, userArn } from "../read.ts";
import type { Mapping } from "../settings.ts";

/** Our own export, and AWS's `AppInstanceUserEndpoint` as its CLI prints it: the members have the same names. */
export function readExported(record: unknown, { appInstanceArn }: Extract<Mapping, { format: "export" }>): Read {
  const type = typeNamed(textAt(record, "Type"));
  if (type === undefined) {
    return otherChannel(textAt(record, "Type"));
  }
  const arn = textAt(record, "AppInstanceUserArn");
  const endpointId = textAt(record, "EndpointId");
  const resourceArn = textAt(record, "ResourceArn");
  const deviceToken = textAt(record, "EndpointAttributes", "DeviceToken");
  if (arn === undefined || endpointId === undefined || resourceArn === undefined || deviceToken === undefined) {
    return failed("it has no AppInstanceUserArn, EndpointId, ResourceArn or DeviceToken");
  }
  if (textAt(record, "EndpointState", "Status") === "INACTIVE") {
    return leftOut("INACTIVE");
  }
  const voipDeviceToken = textAt(record, "EndpointAttributes", "VoipDeviceToken");
  const user = arn.replace(/^.*?:app-instance\/[^/]+\/user\//, "");
  return {
    kind: "register",
    registration: {
      appInstanceUserArn: appInstanceArn === undefined ? arn : userArn(appInstanceArn, user),
      ...{ type, resourceArn, name: textAt(record, "Name") },
      endpointAttributes: { deviceToken, ...(voipDeviceToken !== undefined && { voipDeviceToken }) },
      isMuted: textAt(record, "AllowMessages") === "NONE",
      clientRequestToken: requestTokenOf(endpointId),
    },
  };
}
