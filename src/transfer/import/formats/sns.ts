/**
 * What SNS's ListEndpointsByPlatformApplication (2010-03-31) answers, as the AWS CLI prints it.
 * https://docs.aws.amazon.com/sns/latest/api/API_ListEndpointsByPlatformApplication.html
 *
 * SNS has no users: who has a device is known only where an app put that into CustomUserData, in whatever form.
 */

import { failed, leftOut, otherChannel, type Read, requestTokenOf, textAt, typeNamed, userArn } from "../read.ts";
import type { Mapping } from "../settings.ts";

export function readSns(record: unknown, mapping: Extract<Mapping, { format: "sns" }>): Read {
  // arn:aws:sns:REGION:ACCOUNT:endpoint/GCM/APPLICATION/ID
  const endpointArn = textAt(record, "EndpointArn");
  const platform = endpointArn?.split(":endpoint/")[1]?.split("/")[0];
  const type = typeNamed(platform);
  if (endpointArn === undefined || type === undefined) {
    return otherChannel(platform);
  }
  const isDisabled = textAt(record, "Attributes", "Enabled")?.toLowerCase() === "false";
  if (isDisabled && !mapping.mutesDisabled) {
    return leftOut("not Enabled");
  }
  const user = userIn(record, mapping.userFrom);
  if (user === undefined) {
    return leftOut(`it has no ${mapping.userFrom.join(".")}`);
  }
  const deviceToken = textAt(record, "Attributes", "Token");
  if (deviceToken === undefined) {
    return failed("it has no Token");
  }
  return {
    kind: "register",
    registration: {
      appInstanceUserArn: userArn(mapping.appInstanceArn, user),
      ...{ type, resourceArn: mapping.resourceArn, endpointAttributes: { deviceToken } },
      isMuted: isDisabled,
      clientRequestToken: requestTokenOf(endpointArn),
    },
  };
}

function userIn(record: unknown, [first = "", ...inside]: readonly string[]): string | undefined {
  const data = textAt(record, "Attributes", first);
  if (data === undefined || inside.length === 0) {
    return data;
  }
  try {
    return textAt(JSON.parse(data), ...inside);
  } catch {
    return undefined;
  }
}
