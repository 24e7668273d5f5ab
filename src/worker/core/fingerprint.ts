import { hash } from "node:crypto";
import type { RequestOf } from "../model/user-rpcs.ts";
import { allowMessagesOf, typeOf } from "./enums.ts";

/**
 * What a registration asks for, in a form short enough to keep: equal for requests that mean the same, different for
 * all others. Absent AllowMessages means ALL; an absent Name is not an empty one; unknown members never get here.
 *
 * The version in front names the tuple. A change of the tuple is a new version, and stored fingerprints are then
 * compared by the version that they carry; `node:crypto` because the comparison is part of one synchronous step.
 */
export function fingerprint(request: RequestOf<"registerAppInstanceUserEndpoint">): string {
  const { resourceArn, endpointAttributes, name } = request;
  const tuple = [
    typeOf(request),
    resourceArn,
    endpointAttributes.deviceToken,
    endpointAttributes.voipDeviceToken ?? null,
    name ?? null,
    allowMessagesOf(request) ?? "ALL",
  ];
  return `1:${hash("sha256", JSON.stringify(tuple), "base64url")}`;
}
