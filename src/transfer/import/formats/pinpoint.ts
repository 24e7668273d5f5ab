/**
 * Endpoints as Pinpoint's export jobs wrote them, and segments exported in its console: EndpointResponse of its API (2016-12-01),
 * a line of JSON for each. https://docs.aws.amazon.com/pinpoint/latest/developerguide/audience-data-export.html
 */

import { failed, leftOut, otherChannel, type Read, requestTokenOf, textAt, typeNamed, userArn } from "../read.ts";
import type { Mapping } from "../settings.ts";

export function readPinpoint(
  record: unknown,
  { appInstanceArn, resourceArn }: Extract<Mapping, { format: "pinpoint" }>,
): Read {
  const type = typeNamed(textAt(record, "ChannelType"));
  if (type === undefined) {
    return otherChannel(textAt(record, "ChannelType"));
  }
  if (textAt(record, "EndpointStatus") === "INACTIVE") {
    return leftOut("INACTIVE");
  }
  const user = textAt(record, "User", "UserId");
  if (user === undefined) {
    return leftOut("it has no User.UserId");
  }
  const id = textAt(record, "Id");
  const deviceToken = textAt(record, "Address");
  if (id === undefined || deviceToken === undefined) {
    return failed("it has no Id or no Address");
  }
  return {
    kind: "register",
    registration: {
      appInstanceUserArn: userArn(appInstanceArn, user),
      ...{ type, resourceArn, endpointAttributes: { deviceToken } },
      isMuted: textAt(record, "OptOut") === "ALL",
      clientRequestToken: requestTokenOf(id),
    },
  };
}
