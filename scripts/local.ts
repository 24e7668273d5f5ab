/** The well-known credentials of local mode, and calls that try it out. They open nothing outside of local mode. */

export const LOCAL_ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE";
export const LOCAL_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/** What to try against a server at `url`. Each line repeats its request token, so it may be pasted again and again. */
export function invitation(url: string): string {
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
Rollcall serves, in local mode (every caller is let in):

  AWS SDKs and CLI      ${url}   (as endpoint URL, with the credentials below)
  Connect and gRPC-Web  ${url}/rollcall.v1.AppInstanceUserEndpointService/
  Health                ${url}/health

Register an endpoint with the AWS CLI:

  AWS_ACCESS_KEY_ID=${LOCAL_ACCESS_KEY_ID} AWS_SECRET_ACCESS_KEY=${LOCAL_SECRET_ACCESS_KEY} \\
  aws chime-sdk-identity register-app-instance-user-endpoint --endpoint-url ${url} --region us-east-1 \\
    --app-instance-user-arn ${user} \\
    --resource-arn ${app} \\
    --type GCM --endpoint-attributes DeviceToken=a-device-token-of-fcm --client-request-token first-try-with-aws

or with curl, over Connect:

  curl -s ${url}/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint \\
    -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(request)}'
`;
}
