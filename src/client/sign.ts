import { AwsV4Signer } from "aws4fetch";
import { type AwsCredentials, sendable, type UnauthorizedRequest } from "./credentials.ts";

/** The headers of a request, with a signature of it among them: SigV4, for AWS's service "chime". */
export async function sign(request: UnauthorizedRequest, keys: AwsCredentials, region: string): Promise<Headers> {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const signer = new AwsV4Signer({
    ...request,
    method: "POST",
    service: "chime",
    region,
    accessKeyId: sendable("access key id", accessKeyId),
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken: sendable("session token", sessionToken) }),
  });
  return (await signer.sign()).headers;
}
