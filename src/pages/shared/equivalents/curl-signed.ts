import type { Call } from "../api/call.ts";
import { connectRequest } from "../api/connect-request.ts";
import type { Credentials } from "../api/credentials.ts";
import { restRequest } from "../api/rest.ts";
import { curl } from "./curl.ts";

/** The call for curl, which signs it with an access key as AWS's clients do; undefined where they would never send this. */
export function curlSigned(origin: string, call: Call, { aws }: Credentials): string | undefined {
  const rest = restRequest(call);
  // Older versions of curl sign a path that has escapes in another form than AWS does.
  const request = rest.path.includes("%") ? connectRequest(call) : rest;
  switch (aws) {
    case undefined:
      return undefined;
    case "none":
      return curl(origin, request);
    case "theirs":
      return curl(origin, request, { accessKeyId: "$AWS_ACCESS_KEY_ID", secretAccessKey: "$AWS_SECRET_ACCESS_KEY" });
    default:
      return curl(origin, request, aws);
  }
}
