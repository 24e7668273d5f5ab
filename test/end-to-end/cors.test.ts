import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { connectClient } from "../support/clients.ts";
import { presignedUrl, signedHeaders, withBearer } from "../support/credentials.ts";
import { freshUserArn } from "../support/requests.ts";
import { CONNECT_PATH, connectRegister, restRegister, send, type WireRequest } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const local = serveOnWorkerd();
const deployed = serveOnWorkerd({
  ALLOWED_ORIGINS: "https://app.example.com, capacitor://localhost, https://*.apps.example.com:8443",
  ALLOWED_HEADERS: "Traceparent, sentry-trace",
  LOCAL_MODE: "false",
});
const closed = serveOnWorkerd({});

/** What browsers ask for before a call by the AWS SDK for JavaScript, and by a Connect client. */
const AWS_ASKS =
  "amz-sdk-invocation-id,amz-sdk-request,authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-user-agent";
const CONNECT_ASKS = "authorization,connect-protocol-version,connect-timeout-ms,content-type";
const GRPC_WEB_ASKS = "authorization,content-type,grpc-timeout,x-grpc-web,x-user-agent";

function preflight(url: string, path: string, origin: string, method: string, asks: string) {
  return fetch(url + path, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": method, "access-control-request-headers": asks },
  });
}

function listOf(response: Response, name: string): string[] {
  return (response.headers.get(`access-control-${name}`) ?? "").toLowerCase().split(",");
}

describe("a preflight", () => {
  it.each([
    ["an AWS SDK's registration", restRegister().path, "POST", AWS_ASKS],
    ["an AWS SDK's update", `${restRegister().path}/e`, "PUT", AWS_ASKS],
    ["an AWS SDK's deregistration", `${restRegister().path}/e`, "DELETE", AWS_ASKS],
    ["a Connect call", CONNECT_PATH, "POST", CONNECT_ASKS],
    ["a gRPC-Web call", CONNECT_PATH, "POST", GRPC_WEB_ASKS],
    ["a page with headers of its own", CONNECT_PATH, "POST", `${CONNECT_ASKS},sentry-trace,traceparent`],
  ])("of %s is granted", async (_, path, method, asks) => {
    const response = await preflight(deployed.url, path, "https://app.example.com", method, asks);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(response.headers.get("vary")).toContain("Origin");
    expect(listOf(response, "allow-methods")).toContain(method.toLowerCase());
    expect(listOf(response, "allow-headers")).toEqual(expect.arrayContaining(asks.split(",")));
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  });

  it.each([...["capacitor://localhost", "https://a.apps.example.com:8443", "https://a.b-c.apps.example.com:8443"]])(
    "from %s is granted too",
    async (origin) => {
      const response = await preflight(deployed.url, restRegister().path, origin, "POST", AWS_ASKS);
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    },
  );

  it.each([
    ["https://apps.example.com:8443", () => deployed],
    ["https://.apps.example.com:8443", () => deployed],
    ["https://a.apps.example.com", () => deployed],
    ["http://a.apps.example.com:8443", () => deployed],
    ["https://evil.example/.apps.example.com:8443", () => deployed],
    ["https://evilapps.example.com:8443", () => deployed],
    ["ionic://localhost", () => deployed],
    ["https://app.example.com.evil.example", () => deployed],
    ["http://app.example.com", () => deployed],
    ["http://localhost:3000", () => deployed],
    ["http://localhost.evil.example", () => local],
    ["null", () => local],
    ["https://app.example.com", () => closed],
  ])("from %s is not", async (origin, server) => {
    const response = await preflight(server().url, restRegister().path, origin, "POST", AWS_ASKS);
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
  });

  it.each(["http://localhost:3000", "https://localhost", "http://127.0.0.1:8080", "http://[::1]:5173"])(
    "from %s is granted in local mode",
    async (origin) => {
      const response = await preflight(local.url, restRegister().path, origin, "POST", AWS_ASKS);
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    },
  );
});

describe("an answer to a page of an allowed origin", () => {
  const origin = "http://localhost:3000";

  async function sendFromPage(request: WireRequest, url = local.url) {
    const headers = { ...(await signedHeaders(url + request.path, request)), origin };
    return fetch(url + request.path, { method: request.method, headers, body: request.body });
  }

  it.each<[string, WireRequest, number]>([
    ["a success on REST", restRegister(), 201],
    ["a success on Connect", connectRegister(), 200],
    ["broken constraints on REST", restRegister({ Type: "FAX" }), 400],
    ["broken constraints on Connect", connectRegister({ type: "FAX" }), 400],
    ["no such route", { ...restRegister(), path: "/nowhere" }, 404],
    ["a wrong method", { ...restRegister(), method: "PATCH" }, 405],
    ["a wrong type", { ...connectRegister(), headers: { "content-type": "text/xml" } }, 415],
  ])("may be read: %s", async (_, request, status) => {
    const response = await sendFromPage(request);
    expect(response.status).toBe(status);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    const exposed = ["x-amzn-errortype", "x-amzn-requestid", "date", "retry-after", "x-amz-retry-after", "grpc-status"];
    expect(listOf(response, "expose-headers")).toEqual(expect.arrayContaining(exposed));
  });

  it.each([restRegister(), connectRegister()])("may be read when credentials are refused: %#", async (request) => {
    const headers = { ...request.headers, origin, authorization: "Bearer x" };
    const response = await fetch(local.url + request.path, { method: "POST", headers, body: request.body });
    expect(response.status).toBe(401);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
  });
});

describe("a call of a page whose origin is not allowed", () => {
  it.each(["https://evil.example", "null", "http://localhost.evil.example"])(
    "from %s is refused before it is performed, though it needs no preflight",
    async (origin) => {
      const arn = freshUserArn();
      const { path, body, method } = restRegister({}, arn);
      // A body without a type is what a browser sends without asking first.
      const url = await presignedUrl(local.url + path, { method, headers: {}, body });
      const blind = { method, headers: { origin }, body: new TextEncoder().encode(String(body)) };
      const refused = await fetch(url, blind);
      expect([refused.status, refused.headers.get("x-amzn-errortype")]).toEqual([403, "ForbiddenException"]);
      expect(refused.headers.has("access-control-allow-origin")).toBe(false);

      // The request token is not taken: other input is no conflict.
      const another = await send(local.url, restRegister({ Name: "another" }, arn));
      expect(another.status).toBe(201);
    },
  );

  it.each([
    ["Connect", createConnectTransport],
    ["gRPC-Web", createGrpcWebTransport],
  ])("is refused as %s tells it, with its reason", async (_, createTransport) => {
    for (const { url } of [local, deployed, closed]) {
      const client = connectClient(createTransport({ baseUrl: url, httpVersion: "1.1", interceptors: [withBearer] }));
      const call = client.listAppInstanceUserEndpoints(
        { appInstanceUserArn: freshUserArn() },
        { headers: { origin: "https://evil.example" } },
      );
      const error = await call.then(String, ConnectError.from);
      expect(error).toMatchObject({ code: Code.PermissionDenied });
      const [info] = (error as ConnectError).findDetails(ErrorInfoSchema);
      expect(info).toMatchObject({ domain: "rollcall", reason: "ORIGIN_NOT_ALLOWED" });
      expect((error as ConnectError).metadata.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("is not one of a page of the server's own, nor one of no page", async () => {
    const own = { ...connectRegister().headers, origin: closed.url };
    for (const headers of [own, connectRegister().headers]) {
      expect((await send(closed.url, { ...connectRegister(), headers })).reason).toBe("NO_PRINCIPALS");
    }
  });
});
