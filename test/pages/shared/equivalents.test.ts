import { describe, expect, it } from "vitest";
import { AppInstanceUserEndpointType } from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { claimsOf } from "../../../src/pages/console/claims.ts";
import { madeAt } from "../../../src/pages/console/replay.ts";
import { listCall, registerCall } from "../../../src/pages/shared/api/call.ts";
import { bearer, MALFORMED_TOKEN, NO_CREDENTIALS } from "../../../src/pages/shared/api/credentials.ts";
import { restRequest } from "../../../src/pages/shared/api/rest.ts";
import { awsCli } from "../../../src/pages/shared/equivalents/aws-cli.ts";
import { boto3 } from "../../../src/pages/shared/equivalents/boto3.ts";
import { curl } from "../../../src/pages/shared/equivalents/curl.ts";
import { typescript } from "../../../src/pages/shared/equivalents/typescript.ts";
import { nextEndpointId, RANDOM_BYTES } from "../../../src/worker/core/endpoint-id.ts";

const ORIGIN = "http://localhost:8787";
const ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/alice";
const SECRET = "the-token-of-the-caller";

const registration = {
  appInstanceUserArn: ARN,
  type: AppInstanceUserEndpointType.GCM,
  resourceArn: "arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo",
  endpointAttributes: { deviceToken: "token-1" },
  clientRequestToken: "request-1",
  name: "Alice's phone",
};

describe("a registration", () => {
  it("is a command of the AWS CLI", () => {
    expect(awsCli(ORIGIN, registerCall(registration), bearer(SECRET))).toBe(
      `aws chime-sdk-identity register-app-instance-user-endpoint \\
  --endpoint-url http://localhost:8787 --region us-east-1 \\
  --app-instance-user-arn ${ARN} \\
  --name 'Alice'\\''s phone' \\
  --type GCM \\
  --resource-arn arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo \\
  --endpoint-attributes '{"DeviceToken":"token-1"}' \\
  --client-request-token request-1`,
    );
  });

  it("is a command of curl's, over REST", () => {
    expect(curl(ORIGIN, restRequest(registerCall(registration)), bearer(SECRET).shown)).toBe(
      `curl -si ${ORIGIN}/app-instance-users/arn%3Aaws%3Achime%3Aus-east-1%3A123456789012%3Aapp-instance%2Fdemo%2Fuser%2Falice/endpoints \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '{"Name":"Alice'\\''s phone","Type":"GCM","ResourceArn":"arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo","EndpointAttributes":{"DeviceToken":"token-1"},"ClientRequestToken":"request-1"}'`,
    );
  });

  it("is a call of the client's", () => {
    expect(typescript(ORIGIN, registerCall(registration), bearer(SECRET))).toBe(
      `import { AppInstanceUserEndpointType, createRollcallClient } from "rollcall-client";

const rollcall = createRollcallClient({
  baseUrl: "http://localhost:8787",
  credentials: process.env.TOKEN ?? "",
});

const response = await rollcall.registerAppInstanceUserEndpoint({
  appInstanceUserArn: "${ARN}",
  name: "Alice's phone",
  type: AppInstanceUserEndpointType.GCM,
  resourceArn: "arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo",
  endpointAttributes: {
    deviceToken: "token-1",
  },
  clientRequestToken: "request-1",
});
console.log(response);`,
    );
  });

  it("is a call of boto3's", () => {
    expect(boto3(ORIGIN, registerCall(registration), bearer(SECRET))).toBe(
      `import boto3

client = boto3.client(
    "chime-sdk-identity",
    endpoint_url="http://localhost:8787",
    region_name="us-east-1",
)
response = client.register_app_instance_user_endpoint(
    AppInstanceUserArn="${ARN}",
    Name="Alice's phone",
    Type="GCM",
    ResourceArn="arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo",
    EndpointAttributes={"DeviceToken":"token-1"},
    ClientRequestToken="request-1",
)
print(response)`,
    );
  });

  it("has the key of AWS's clients in it where everybody knows that", () => {
    const credentials = bearer(SECRET, { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "known/to+all" });
    expect(awsCli(ORIGIN, registerCall(registration), credentials)).toMatch(
      /^AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=known\/to\+all \\\n {2}aws chime-sdk-identity /,
    );
    expect(boto3(ORIGIN, registerCall(registration), credentials)).toContain(
      '    aws_access_key_id="AKIDEXAMPLE",\n    aws_secret_access_key="known/to+all",\n',
    );
  });

  it("never names the caller's token", () => {
    const call = registerCall(registration);
    const texts = [awsCli(ORIGIN, call, bearer(SECRET)), typescript(ORIGIN, call, bearer(SECRET))];
    texts.push(boto3(ORIGIN, call, bearer(SECRET)), curl(ORIGIN, restRequest(call), bearer(SECRET).shown));
    expect(texts.join()).not.toContain(SECRET);
  });

  it("keeps the AWS CLI from reading a file that a name names, or an option", () => {
    const named = (name: string) => awsCli(ORIGIN, registerCall({ ...registration, name }), bearer(SECRET));
    expect(named("file:///etc/passwd")).toContain(`--cli-input-json '{"AppInstanceUserArn":`);
    expect(named("file:///etc/passwd")).not.toContain("--name");
    expect(named("--no-sign-request")).toContain("--name=--no-sign-request");
  });
});

describe("a list", () => {
  it("has its page in the query of REST", () => {
    const { verb, path, body } = restRequest(listCall({ appInstanceUserArn: "a", maxResults: 2, nextToken: "b c" }));
    expect([verb, path, body]).toEqual(["GET", "/app-instance-users/a/endpoints?max-results=2&next-token=b%20c", ""]);
  });
});

describe("credentials that a client does not send", () => {
  it("make no text for it", () => {
    const call = listCall({ appInstanceUserArn: ARN });
    expect(awsCli(ORIGIN, call, MALFORMED_TOKEN)).toBeUndefined();
    expect(boto3(ORIGIN, call, MALFORMED_TOKEN)).toBeUndefined();
    expect(typescript(ORIGIN, call, NO_CREDENTIALS)).toBeUndefined();
    expect(boto3(ORIGIN, call, NO_CREDENTIALS)).toContain("config=Config(signature_version=UNSIGNED),");
    expect(awsCli(ORIGIN, call, NO_CREDENTIALS)).toContain("--no-sign-request");
    expect(curl(ORIGIN, restRequest(call))).not.toContain("Authorization");
  });
});

describe("an endpoint's id", () => {
  it("tells when it was made", () => {
    const now = Date.UTC(2026, 10, 24, 9, 0, 0, 123);
    expect(madeAt(nextEndpointId(undefined, now, crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))))).toBe(now);
    expect(madeAt("of another server")).toBeUndefined();
  });
});

describe("a token", () => {
  it("tells whom it is for, if it is a JWT", () => {
    const payload = btoa(JSON.stringify({ sub: "alice", exp: 1_795_462_670 }));
    expect(claimsOf(`e30.${payload}.c2ln`)).toEqual({ subject: "alice", expiresAt: 1_795_462_670_000 });
    expect([claimsOf(""), claimsOf("not-a-token"), claimsOf("a.b.c"), claimsOf("e30.bnVsbA.x")]).toEqual(
      Array(4).fill(undefined),
    );
  });
});
