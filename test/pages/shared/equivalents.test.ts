import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { AppInstanceUserEndpointType } from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { claimsOf } from "../../../src/pages/console/claims.ts";
import { madeAt } from "../../../src/pages/console/replay.ts";
import { listCall, registerCall, reportCall, resolveCall, updateCall } from "../../../src/pages/shared/api/call.ts";
import { bearer, MALFORMED_TOKEN, NO_CREDENTIALS } from "../../../src/pages/shared/api/credentials.ts";
import { restRequest } from "../../../src/pages/shared/api/rest.ts";
import { awsCli } from "../../../src/pages/shared/equivalents/aws-cli.ts";
import { boto3 } from "../../../src/pages/shared/equivalents/boto3.ts";
import { botocore } from "../../../src/pages/shared/equivalents/botocore.ts";
import { curl } from "../../../src/pages/shared/equivalents/curl.ts";
import { curlSigned } from "../../../src/pages/shared/equivalents/curl-signed.ts";
import { equivalents } from "../../../src/pages/shared/equivalents/equivalents.ts";
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
console.dir(response, { depth: null });`,
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
    texts.push(
      ...[boto3, botocore, curlSigned].map((write) => write(ORIGIN, call, bearer(SECRET))),
      curl(ORIGIN, restRequest(call), bearer(SECRET).shown),
    );
    expect(texts.join()).not.toContain(SECRET);
  });

  it("keeps the AWS CLI from reading a file that a name names, or an option", () => {
    const named = (name: string) => awsCli(ORIGIN, registerCall({ ...registration, name }), bearer(SECRET));
    expect(named("file:///etc/passwd")).toContain(`--cli-input-json '{"AppInstanceUserArn":`);
    expect(named("file:///etc/passwd")).not.toContain("--name");
    expect(named("--no-sign-request")).toContain("--name=--no-sign-request");
  });
});

describe("a call that AWS's clients do not know", () => {
  const resolve = resolveCall({ appInstanceUserArns: [ARN] });
  const report = reportCall({
    failures: [
      {
        appInstanceUserArn: ARN,
        endpointId: "endpoint-1",
        deviceToken: "token-1",
        reason: "Unregistered",
        timestamp: timestampFromMs(1_795_462_670_707),
      },
    ],
  });
  const rotate = updateCall({
    appInstanceUserArn: ARN,
    endpointId: "endpoint-1",
    endpointAttributes: registration.endpointAttributes,
  });
  const known = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "known/to+all" };

  it("is signed by curl, and says why it is no command of the AWS CLI", () => {
    const [awsCli] = equivalents(ORIGIN, {
      call: resolve,
      credentials: bearer(SECRET, known),
      isTampered: false,
      exchanges: [],
    });
    expect(awsCli).toEqual({
      name: "AWS CLI",
      because:
        "AWS’s CLI and SDKs do not have this operation: it is Rollcall’s own. curl signs it with the same access key:",
      text: `curl -si ${ORIGIN}/app-instance-user-endpoints/resolve \\
  --aws-sigv4 aws:amz:us-east-1:chime --user "AKIDEXAMPLE:known/to+all" \\
  -H 'Content-Type: application/json' \\
  -d '{"AppInstanceUserArns":["${ARN}"]}'`,
    });
  });

  it("is signed over Connect where REST has a path that versions of curl sign differently", () => {
    expect(curlSigned(ORIGIN, rotate, bearer(SECRET))).toBe(
      `curl -si ${ORIGIN}/rollcall.v1.AppInstanceUserEndpointService/UpdateAppInstanceUserEndpoint \\
  --aws-sigv4 aws:amz:us-east-1:chime --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"appInstanceUserArn":"${ARN}","endpointId":"endpoint-1","endpointAttributes":{"deviceToken":"token-1"}}'`,
    );
  });

  it("is signed by botocore in Python", () => {
    expect(botocore(ORIGIN, report, bearer(SECRET, known))).toBe(
      `import json

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

body = {
    "Failures": [
        {
            "AppInstanceUserArn": "${ARN}",
            "EndpointId": "endpoint-1",
            "DeviceToken": "token-1",
            "Reason": "Unregistered",
            "Timestamp": 1795462670.707
        }
    ]
}
request = AWSRequest(
    method="POST",
    url="${ORIGIN}/app-instance-user-endpoints/failures",
    headers={"Content-Type": "application/json"},
    data=json.dumps(body),
)
SigV4Auth(Credentials("AKIDEXAMPLE", "known/to+all"), "chime", "us-east-1").add_auth(request)
response = URLLib3Session().send(request.prepare())
print(response.status_code, response.text)`,
    );
  });

  it("is a call of the client's, with lists and times", () => {
    expect(typescript(ORIGIN, report, bearer(SECRET))).toContain(`
const response = await rollcall.reportAppInstanceUserEndpointFailures({
  failures: [
    {
      appInstanceUserArn: "${ARN}",
      endpointId: "endpoint-1",
      deviceToken: "token-1",
      reason: "Unregistered",
      timestamp: { seconds: 1795462670n, nanos: 707000000 },
    },
  ],
});`);
    expect(typescript(ORIGIN, resolve, bearer(SECRET))).toContain(`
  appInstanceUserArns: [
    "${ARN}",
  ],
`);
  });

  it("is a command of AWS's again where it names no token", () => {
    const rename = updateCall({ appInstanceUserArn: ARN, endpointId: "endpoint-1", name: "Old phone" });
    const [cli, , python] = equivalents(ORIGIN, {
      call: rename,
      credentials: bearer(SECRET),
      isTampered: false,
      exchanges: [],
    });
    expect(cli?.text).toContain("aws chime-sdk-identity update-app-instance-user-endpoint");
    expect(python?.text).toContain("client.update_app_instance_user_endpoint(");
    expect([cli?.because, python?.because]).toEqual([undefined, undefined]);
  });

  it("has no text where its credentials are none of theirs", () => {
    expect([curlSigned, botocore].map((write) => write(ORIGIN, resolve, MALFORMED_TOKEN))).toEqual([
      undefined,
      undefined,
    ]);
    expect(curlSigned(ORIGIN, resolve, NO_CREDENTIALS)).not.toContain("sigv4");
    expect(botocore(ORIGIN, resolve, NO_CREDENTIALS)).not.toContain("SigV4");
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
