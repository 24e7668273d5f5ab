import { durationMs } from "@bufbuild/protobuf/wkt";
import { ViolationsSchema } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { AllowMessages, AppInstanceUserEndpointType } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { ENDPOINTS_PER_USER_DEFAULT, OPERATION_BURST_DEFAULT } from "../../src/worker/model/limits.ts";
import { CONNECT_TRANSPORTS, connectClient } from "../support/clients.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const open = serveOnWorkerd();
const closed = serveOnWorkerd({});

function registration() {
  return {
    appInstanceUserArn: freshUserArn(),
    type: AppInstanceUserEndpointType.GCM,
    resourceArn: RESOURCE_ARN,
    endpointAttributes: { deviceToken: "device-1" },
    clientRequestToken: "request-1",
  };
}

/** What a refusal tells: its code, its stable reason, and the other details by their message's name. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => expect.fail("the call succeeded"),
    (reason) => ConnectError.from(reason),
  );
  const [info] = error.findDetails(ErrorInfoSchema);
  return { error, code: error.code, reason: info?.reason, domain: info?.domain, metadata: info?.metadata };
}

describe.each(Object.entries(CONNECT_TRANSPORTS))("registerAppInstanceUserEndpoint over %s", (_, transport) => {
  const client = (url = open.url) => connectClient(transport(url));

  it("registers an endpoint, and answers a retry with the same one", async () => {
    const request = { ...registration(), name: "phone", allowMessages: AllowMessages.NONE };
    const first = await client().registerAppInstanceUserEndpoint(request);
    expect(first.appInstanceUserArn).toBe(request.appInstanceUserArn);
    expect(first.endpointId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await client().registerAppInstanceUserEndpoint(request)).toEqual(first);
  });

  it("refuses a device that is registered, and names its endpoint", async () => {
    const request = registration();
    const { endpointId } = await client().registerAppInstanceUserEndpoint(request);
    expect(
      await refusal(client().registerAppInstanceUserEndpoint({ ...request, clientRequestToken: "request-2" })),
    ).toMatchObject({
      code: Code.AlreadyExists,
      domain: "rollcall",
      reason: "DEVICE_ALREADY_REGISTERED",
      metadata: { endpoint_id: endpointId },
    });
  });

  it("refuses a request token that comes again with other input", async () => {
    const request = registration();
    const { endpointId } = await client().registerAppInstanceUserEndpoint(request);
    expect(await refusal(client().registerAppInstanceUserEndpoint({ ...request, name: "" }))).toMatchObject({
      code: Code.AlreadyExists,
      reason: "REQUEST_TOKEN_REUSED",
      metadata: { endpoint_id: endpointId },
    });
  });

  it("refuses broken constraints, all of them at once", async () => {
    const { code, reason, error } = await refusal(
      client().registerAppInstanceUserEndpoint({
        ...registration(),
        type: 77 as AppInstanceUserEndpointType,
        resourceArn: "nowhere",
        endpointAttributes: { deviceToken: "x".repeat(1601), voipDeviceToken: "" },
        clientRequestToken: "!",
        allowMessages: 77 as AllowMessages,
      }),
    );
    expect({ code, reason }).toEqual({ code: Code.InvalidArgument, reason: "CONSTRAINTS_VIOLATED" });
    const violations = error.findDetails(ViolationsSchema)[0]?.violations ?? [];
    expect(
      violations.map(({ field, ruleId }) => [field?.elements.map(({ fieldName }) => fieldName).join("."), ruleId]),
    ).toEqual([
      ["type", "enum.defined_only"],
      ["resource_arn", "string.pattern"],
      ["endpoint_attributes.device_token", "string.max_len"],
      ["endpoint_attributes.voip_device_token", "string.min_len"],
      ["client_request_token", "string.min_len"],
      ["client_request_token", "string.pattern"],
      ["allow_messages", "enum.defined_only"],
    ]);
  });

  it("refuses more endpoints than the limit, and says the limit", async () => {
    const request = registration();
    const device = (n: number) =>
      client().registerAppInstanceUserEndpoint({
        ...request,
        endpointAttributes: { deviceToken: `device-${n}` },
        clientRequestToken: `request-${n}`,
      });
    for (let n = 0; n < ENDPOINTS_PER_USER_DEFAULT; n++) {
      await device(n);
    }
    const { code, reason, error } = await refusal(device(ENDPOINTS_PER_USER_DEFAULT));
    expect({ code, reason }).toEqual({ code: Code.FailedPrecondition, reason: "ENDPOINT_LIMIT_EXCEEDED" });
    expect(error.findDetails(QuotaFailureSchema)[0]?.violations[0]).toMatchObject({
      quotaId: "L-39BCA56C",
      quotaValue: BigInt(ENDPOINTS_PER_USER_DEFAULT),
    });
  });

  it("throttles beyond the burst, and says how long to wait", async () => {
    const request = registration();
    const calls = Array.from({ length: 3 * OPERATION_BURST_DEFAULT }, () =>
      client()
        .registerAppInstanceUserEndpoint(request)
        .then(
          () => undefined,
          (reason) => ConnectError.from(reason),
        ),
    );
    const error = (await Promise.all(calls)).find((outcome) => outcome !== undefined);
    expect(error?.code).toBe(Code.ResourceExhausted);
    const delay = error?.findDetails(RetryInfoSchema)[0]?.retryDelay;
    expect(delay && durationMs(delay)).toBeGreaterThan(0);
    expect(error?.metadata.get("retry-after")).toBe("1");
  });

  it("lets nobody in where nobody is configured", async () => {
    expect(await refusal(client(closed.url).registerAppInstanceUserEndpoint(registration()))).toMatchObject({
      code: Code.Unauthenticated,
      domain: "rollcall",
    });
  });
});
