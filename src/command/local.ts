/** Calls that try local mode out, and what they need for it. None of it opens anything outside of local mode. */
import { SignJWT } from "jose";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY, LOCAL_TOKENS } from "../worker/auth/local-principals.ts";

export { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY };

/** A bearer token that is good for a day if no other `life` is given; its bearer may act for this user, the end of an ARN, and no other. */
export function localToken(user: string, life = "1 day"): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(LOCAL_TOKENS.issuer)
    .setAudience(LOCAL_TOKENS.audience)
    .setSubject(user)
    .setExpirationTime(life)
    .sign(new TextEncoder().encode(LOCAL_TOKENS.secret));
}

/** What to try against a server at `url`. Each line repeats its request token, so it may be pasted again and again. */
export async function invitation(url: string): Promise<string> {
  const user = "arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/alice";
  const app = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo";
  const request = {
    appInstanceUserArn: user,
    type: "APP_INSTANCE_USER_ENDPOINT_TYPE_APNS",
    resourceArn: app,
    endpointAttributes: { deviceToken: "a-device-token-of-apns" },
    clientRequestToken: "first-try-with-curl",
  };
  return `
Rollcall serves, in local mode (with well-known credentials):

  AWS SDKs and CLI      ${url}   (as endpoint URL, with the credentials below)
  Connect and gRPC-Web  ${url}/rollcall.v1.AppInstanceUserEndpointService/
  API reference         ${url}/docs   (OpenAPI: ${url}/openapi.json)
  Console               ${url}/console
  Sessions              ${url}/credentials   (a token becomes credentials for AWS SDKs)
  Health                ${url}/health

Register an endpoint with the AWS CLI:

  AWS_ACCESS_KEY_ID=${LOCAL_ACCESS_KEY_ID} AWS_SECRET_ACCESS_KEY=${LOCAL_SECRET_ACCESS_KEY} \\
  aws chime-sdk-identity register-app-instance-user-endpoint --endpoint-url ${url} --region us-east-1 \\
    --app-instance-user-arn ${user} \\
    --resource-arn ${app} \\
    --type GCM --endpoint-attributes DeviceToken=a-device-token-of-fcm --client-request-token first-try-with-aws

or with curl, over Connect:

  curl -s ${url}/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint \\
    -H 'Content-Type: application/json' -H 'Authorization: Bearer ${await localToken("alice")}' \\
    -d '${JSON.stringify(request)}'
`;
}
