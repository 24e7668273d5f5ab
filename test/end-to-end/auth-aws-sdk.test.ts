import {
  type ChimeSDKIdentityClientConfig,
  type ChimeSDKIdentityServiceException,
  DescribeAppInstanceUserEndpointCommand,
  ForbiddenException,
  ListAppInstanceUserEndpointsCommand,
  RegisterAppInstanceUserEndpointCommand,
  UnauthorizedClientException,
} from "@aws-sdk/client-chime-sdk-identity";
import { describe, expect, it } from "vitest";
import { ALICE_ACCESS_KEY_ID, ALICE_SECRET_ACCESS_KEY } from "../../src/worker/auth/local-principals.ts";
import { awsClient } from "../support/clients.ts";
import { DEPLOYED_VARIABLES, LOCAL_CREDENTIALS, presignedUrl } from "../support/credentials.ts";
import { awsRegistration, freshUserArn } from "../support/requests.ts";
import { serve } from "../support/server.ts";

const server = serve();
const deployed = serve(DEPLOYED_VARIABLES);
const ALICE = { accessKeyId: ALICE_ACCESS_KEY_ID, secretAccessKey: ALICE_SECRET_ACCESS_KEY };
const MINUTE_MS = 60_000;

function register(config: ChimeSDKIdentityClientConfig = {}, request = awsRegistration(), { url } = server) {
  return awsClient(url, config).send(new RegisterAppInstanceUserEndpointCommand(request));
}

/** The exception that a call ends with. */
async function refusal(call: Promise<unknown>): Promise<ChimeSDKIdentityServiceException> {
  return await call.then(
    () => expect.fail("the call succeeded"),
    (error) => error,
  );
}

function objects(): Promise<string[]> {
  return server.harness.getWorker().listDurableObjectIds("APP_INSTANCE_USER");
}

describe("the AWS SDK for JavaScript", () => {
  it("is let in from any region, unless regions are configured", async () => {
    for (const region of ["us-east-1", "eu-central-1"]) {
      expect((await register({ region })).$metadata.httpStatusCode).toBe(201);
    }
  });

  it("is told how to authenticate with a wrong secret, as with a key that nobody has", async () => {
    const refused = (credentials: object) =>
      refusal(register({ credentials: { ...LOCAL_CREDENTIALS, ...credentials } }, awsRegistration(), deployed));
    const wrong = await refused({ secretAccessKey: "wrong" });
    const unknown = await refused({ accessKeyId: "AKIDNOBODY" });
    expect(wrong).toBeInstanceOf(UnauthorizedClientException);
    expect(wrong.message).toBe(unknown.message);
    expect(wrong.message).toContain("Check access key id and secret");
    expect(wrong.$response?.headers["www-authenticate"]).toContain("AWS4-HMAC-SHA256");
  });

  it("is told what to do about a session token that its key does not have", async () => {
    const error = await refusal(register({ credentials: { ...LOCAL_CREDENTIALS, sessionToken: "left over" } }));
    expect(error).toBeInstanceOf(UnauthorizedClientException);
    expect(error.message).toContain("unset AWS_SESSION_TOKEN");
    expect(error.message).not.toContain("left over");
  });

  it("sets its clock when that is 20 minutes slow, and succeeds with its retry", async () => {
    const slow = { systemClockOffset: -20 * MINUTE_MS };
    const error = await refusal(register({ ...slow, maxAttempts: 1 }));
    const { $metadata } = await register({ ...slow, maxAttempts: 2 });

    expect(error).toMatchObject({ name: "InvalidSignatureException", $metadata: { httpStatusCode: 403 } });
    expect(error.message).toMatch(
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
    );
    expect($metadata).toMatchObject({ httpStatusCode: 201, attempts: 2 });
  });

  it("sets its clock when that is 20 minutes fast, and succeeds with its next call", async () => {
    const client = awsClient(server.url, { systemClockOffset: 20 * MINUTE_MS });
    const error = await refusal(client.send(new RegisterAppInstanceUserEndpointCommand(awsRegistration())));
    const { $metadata } = await client.send(new RegisterAppInstanceUserEndpointCommand(awsRegistration()));

    expect(error).toMatchObject({ name: "InvalidSignatureException", $metadata: { httpStatusCode: 403 } });
    expect(error.message).toMatch(
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)$/,
    );
    expect($metadata).toMatchObject({ httpStatusCode: 201, attempts: 1 });
  });

  it("may do what its policy allows, and learns which action it lacks", async () => {
    const alice = "arn:aws:chime:us-east-1:123456789012:app-instance/any/user/alice";
    const mine = await register({ credentials: ALICE }, { ...awsRegistration(), AppInstanceUserArn: alice });
    expect(mine.AppInstanceUserArn).toBe(alice);
    for (const other of ["bob", "alice2", "x/user/alice/y"]) {
      const arn = alice.replace(/alice$/, other);
      const error = await refusal(register({ credentials: ALICE }, { ...awsRegistration(), AppInstanceUserArn: arn }));
      expect(error).toBeInstanceOf(ForbiddenException);
      expect(error.message).toContain("chime:RegisterAppInstanceUserEndpoint");
      expect(error.message).not.toContain(arn);
    }
  });

  it("wakes no object with a call that is refused", async () => {
    await register();
    const before = await objects();
    const AppInstanceUserArn = freshUserArn();
    for (const credentials of [ALICE, { ...LOCAL_CREDENTIALS, secretAccessKey: "wrong" }]) {
      const client = awsClient(server.url, { credentials });
      await refusal(client.send(new RegisterAppInstanceUserEndpointCommand(awsRegistration({ AppInstanceUserArn }))));
      await refusal(client.send(new ListAppInstanceUserEndpointsCommand({ AppInstanceUserArn })));
      await refusal(client.send(new DescribeAppInstanceUserEndpointCommand({ AppInstanceUserArn, EndpointId: "e" })));
    }
    expect(before.length).toBeGreaterThan(0);
    expect(await objects()).toEqual(before);
  });
});

describe("a presigned URL", () => {
  const list = () => `${server.url}/app-instance-users/${encodeURIComponent(freshUserArn())}/endpoints?max-results=5`;
  const unsigned = { method: "GET", headers: {}, body: null };

  it("is good without any header", async () => {
    const response = await fetch(await presignedUrl(list(), unsigned));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ AppInstanceUserEndpoints: [] });
  });

  it("is good for what it was made for, only", async () => {
    const url = await presignedUrl(list(), unsigned);
    expect((await fetch(url.replace("max-results=5", "max-results=6"))).status).toBe(401);
    expect((await fetch(url, { method: "DELETE" })).status).toBe(405);
    expect((await fetch(url, { headers: { "x-amz-security-token": "t" } })).status).toBe(401);
  });

  it("expires", async () => {
    const made = new Date(Date.now() - 301_000).toISOString().replace(/[-:]|\.\d+/g, "");
    const response = await fetch(await presignedUrl(list(), unsigned, { datetime: made }));
    expect(response.status).toBe(403);
    expect(response.headers.get("x-amzn-errortype")).toBe("InvalidSignatureException");
    expect(await response.json()).toMatchObject({
      message: expect.stringMatching(/^Signature expired: .* - 5 min\.\)$/),
    });
  });
});
