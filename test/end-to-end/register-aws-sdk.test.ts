import {
  BadRequestException,
  type ChimeSDKIdentityServiceException,
  ConflictException,
  RegisterAppInstanceUserEndpointCommand,
  ResourceLimitExceededException,
  ThrottledClientException,
  UnauthorizedClientException,
} from "@aws-sdk/client-chime-sdk-identity";
import { describe, expect, it } from "vitest";
import { ENDPOINTS_PER_USER_DEFAULT, OPERATION_BURST_DEFAULT } from "../../src/worker/model/limits.ts";
import { awsClient } from "../support/clients.ts";
import { awsRegistration } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const open = serveOnWorkerd();
const closed = serveOnWorkerd({});

async function register(request: ReturnType<typeof awsRegistration>, url = open.url) {
  return await awsClient(url).send(new RegisterAppInstanceUserEndpointCommand(request));
}

/** The exception that a call ends with. */
async function refusal(call: Promise<unknown>): Promise<ChimeSDKIdentityServiceException & { Code?: string }> {
  return await call.then(
    () => expect.fail("the call succeeded"),
    (error) => error,
  );
}

describe("RegisterAppInstanceUserEndpoint by the AWS SDK for JavaScript", () => {
  it("registers an endpoint, and answers a retry with the same one", async () => {
    const request = awsRegistration();
    const first = await register(request);
    const { $metadata, ...response } = first;

    expect(response).toEqual({
      AppInstanceUserArn: request.AppInstanceUserArn,
      EndpointId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect($metadata).toMatchObject({ httpStatusCode: 201, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect((await register(request)).EndpointId).toBe(first.EndpointId);
  });

  it("makes a new request token for each call that has none, so that one device is refused the second time", async () => {
    const request = { ...awsRegistration(), ClientRequestToken: undefined };
    const { EndpointId } = await awsClient(open.url).send(new RegisterAppInstanceUserEndpointCommand(request));
    const error = await refusal(awsClient(open.url).send(new RegisterAppInstanceUserEndpointCommand(request)));

    expect(error).toBeInstanceOf(ConflictException);
    expect(error).toMatchObject({ name: "ConflictException", Code: "Conflict", $metadata: { httpStatusCode: 409 } });
    expect(error.message).toBe(
      `The device is registered for this user as endpoint ${EndpointId}. Use that endpoint, or deregister it first.`,
    );
  });

  it("raises ConflictException when a request token comes again with other input", async () => {
    const request = awsRegistration();
    await register(request);
    const error = await refusal(register({ ...request, EndpointAttributes: { DeviceToken: "device-2" } }));

    expect(error).toBeInstanceOf(ConflictException);
    expect(error.message).toContain("Use a new token for a new registration");
  });

  it("raises BadRequestException with everything that is wrong", async () => {
    const error = await refusal(
      register({
        ...awsRegistration(),
        Type: "FAX" as "GCM",
        ResourceArn: "nowhere",
        EndpointAttributes: { DeviceToken: "" },
        ClientRequestToken: "!",
      }),
    );
    expect(error).toBeInstanceOf(BadRequestException);
    expect(error).toMatchObject({ Code: "BadRequest", $metadata: { httpStatusCode: 400 } });
    expect(error.message.match(/'[\w.]+'(?= failed)/g)).toEqual([
      "'Type'",
      "'ResourceArn'",
      "'EndpointAttributes.DeviceToken'",
      "'ClientRequestToken'",
      "'ClientRequestToken'",
    ]);
  });

  it("raises ResourceLimitExceededException at the limit", async () => {
    const request = awsRegistration();
    const device = (n: number) =>
      register({ ...request, ClientRequestToken: `request-${n}`, EndpointAttributes: { DeviceToken: `device-${n}` } });
    for (let n = 0; n < ENDPOINTS_PER_USER_DEFAULT; n++) {
      await device(n);
    }
    const error = await refusal(device(ENDPOINTS_PER_USER_DEFAULT));

    expect(error).toBeInstanceOf(ResourceLimitExceededException);
    expect(error).toMatchObject({ Code: "ResourceLimitExceeded", $metadata: { httpStatusCode: 400 } });
    expect(error.message).toContain(`${ENDPOINTS_PER_USER_DEFAULT}. Deregister one`);
  });

  it("raises ThrottledClientException beyond the burst, and says how long to wait", async () => {
    const request = awsRegistration();
    const calls = Array.from({ length: 3 * OPERATION_BURST_DEFAULT }, () =>
      register(request).then(
        () => undefined,
        (error) => error,
      ),
    );
    const error = (await Promise.all(calls)).find((outcome) => outcome !== undefined);

    expect(error).toBeInstanceOf(ThrottledClientException);
    expect(error).toMatchObject({ Code: "Throttled", $metadata: { httpStatusCode: 429 } });
    expect(error.$response.headers).toMatchObject({
      "retry-after": "1",
      "x-amz-retry-after": expect.stringMatching(/^\d+$/),
    });
  });

  it("raises UnauthorizedClientException where nobody is let in", async () => {
    const error = await refusal(register(awsRegistration(), closed.url));

    expect(error).toBeInstanceOf(UnauthorizedClientException);
    expect(error).toMatchObject({ Code: "Unauthorized", $metadata: { httpStatusCode: 401 } });
  });

  it.each(["jane doe", "a+b@c", "100%", "it's (me)!*", "zoë 你好 😀", "%2F", "%252F", "a:b"])(
    "takes the user id %j as it is",
    async (userId) => {
      const request = awsRegistration();
      const arn = `${request.AppInstanceUserArn}${userId}`;
      const { AppInstanceUserArn } = await register({ ...request, AppInstanceUserArn: arn });
      expect(AppInstanceUserArn).toBe(arn);
    },
  );
});
