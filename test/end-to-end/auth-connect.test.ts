import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport as createNodeTransport } from "@connectrpc/connect-node";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { AwsClient } from "aws4fetch";
import { describe, expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { CONNECT_TRANSPORTS, connectClient } from "../support/clients.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { freshUserArn, registration } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const server = serveOnWorkerd();

function request(appInstanceUserArn = freshUserArn()) {
  return { ...registration(), appInstanceUserArn };
}

/** The code and the reason that a call ends with. */
async function refusal(transport: Transport, message = request()) {
  const error = await connectClient(transport)
    .registerAppInstanceUserEndpoint(message)
    .then(
      () => expect.fail("the call succeeded"),
      (reason) => ConnectError.from(reason),
    );
  return { code: error.code, reason: error.findDetails(ErrorInfoSchema)[0]?.reason, message: error.rawMessage };
}

function bearing(token: string): Interceptor {
  return (next) => (call) => {
    call.header.set("authorization", `Bearer ${token}`);
    return next(call);
  };
}

function nodeTransport(...interceptors: Interceptor[]) {
  return createNodeTransport({ baseUrl: server.url, httpVersion: "1.1", interceptors });
}

describe.each(Object.entries(CONNECT_TRANSPORTS))("a client with a bearer interceptor over %s", (_, transport) => {
  it("is let in for its own user", async () => {
    const message = request();
    const { appInstanceUserArn } = await connectClient(transport(server.url)).registerAppInstanceUserEndpoint(message);
    expect(appInstanceUserArn).toBe(message.appInstanceUserArn);
  });
});

describe("a Connect client", () => {
  it("without credentials is told to send some", async () => {
    expect(await refusal(nodeTransport())).toMatchObject({ code: Code.Unauthenticated, reason: "CREDENTIALS_MISSING" });
  });

  it("with a token of nobody known is refused", async () => {
    expect(await refusal(nodeTransport(bearing("e30.e30.x")))).toMatchObject({
      code: Code.Unauthenticated,
      reason: "TOKEN_REFUSED",
    });
  });

  it.each(["alice", "*", "?", "../x", "a/b", `\${jwt:sub}`])(
    "with a token for %j may not act for another",
    async (user) => {
      expect(await refusal(nodeTransport(bearing(await localToken(user))))).toMatchObject({
        code: Code.PermissionDenied,
        reason: "NOT_AUTHORIZED",
        message: expect.stringContaining("chime:RegisterAppInstanceUserEndpoint"),
      });
    },
  );
});

describe.each([
  ["Connect", createConnectTransport],
  ["gRPC-Web", createGrpcWebTransport],
])("aws4fetch as the fetch of a %s transport", (_, createTransport) => {
  const signing = (credentials = LOCAL_CREDENTIALS) => {
    const aws = new AwsClient({ ...credentials, service: "chime", region: "us-east-1", retries: 0 });
    return createTransport({ baseUrl: server.url, useBinaryFormat: true, fetch: aws.fetch.bind(aws) });
  };

  it("signs calls that are let in", async () => {
    const message = request();
    const { appInstanceUserArn } = await connectClient(signing()).registerAppInstanceUserEndpoint(message);
    expect(appInstanceUserArn).toBe(message.appInstanceUserArn);
  });

  it("signs calls that are refused with a wrong secret", async () => {
    expect(await refusal(signing({ ...LOCAL_CREDENTIALS, secretAccessKey: "wrong" }))).toMatchObject({
      code: Code.Unauthenticated,
      reason: "SIGNATURE_REFUSED",
    });
  });
});
