/** Calls that the console makes and AWS's clients do not know: of a sender, and of an app that names its token. */
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { localToken } from "../../src/command/local.ts";
import { AppInstanceUserEndpointType } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { type Call, registerCall, reportCall, resolveCall, updateCall } from "../../src/pages/shared/api/call.ts";
import { connectRequest } from "../../src/pages/shared/api/connect-request.ts";
import { RESOURCE_ARN } from "./requests.ts";

/** A token that a shell, Python or TypeScript would make something else of. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: that is the point
const TOKEN = "a'b\" $(exit 1) `exit 1` ${process.exit(1)} \\' \\\" !! 日本";

/** One after the other, each with what its answer must have. They are about a device that is registered for the user first. */
export async function ownCalls(
  url: string,
  appInstanceUserArn: string,
): Promise<readonly (readonly [call: Call, answer: string])[]> {
  const endpoint = { appInstanceUserArn, endpointId: await register(url, appInstanceUserArn) };
  const failure = { ...endpoint, deviceToken: TOKEN, reason: "Unregistered", timestamp: timestampNow() };
  return [
    [updateCall({ ...endpoint, endpointAttributes: { deviceToken: TOKEN } }), endpoint.endpointId],
    [resolveCall({ appInstanceUserArns: [appInstanceUserArn], resourceArn: RESOURCE_ARN }), "日本"],
    [reportCall({ failures: [failure] }), endpoint.endpointId],
  ];
}

async function register(url: string, appInstanceUserArn: string): Promise<string> {
  const { path, headers, body } = connectRequest(
    registerCall({
      appInstanceUserArn,
      resourceArn: RESOURCE_ARN,
      type: AppInstanceUserEndpointType.GCM,
      endpointAttributes: { deviceToken: "the first token" },
      clientRequestToken: "registered-first",
    }),
  );
  const authorization = `Bearer ${await localToken(appInstanceUserArn.split("/").at(-1) ?? "")}`;
  const answer = await fetch(url + path, { method: "POST", headers: { ...headers, authorization }, body });
  return ((await answer.json()) as { endpointId: string }).endpointId;
}
