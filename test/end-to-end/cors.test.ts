import { describe, expect, it } from "vitest";
import { signedHeaders } from "../support/credentials.ts";
import { CONNECT_PATH, connectRegister, restRegister, type WireRequest } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const local = serveOnWorkerd();
const deployed = serveOnWorkerd({ ALLOWED_ORIGINS: "https://app.example.com", LOCAL_MODE: "false" });
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
  ])("of %s is granted", async (_, path, method, asks) => {
    const response = await preflight(deployed.url, path, "https://app.example.com", method, asks);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(response.headers.get("vary")).toContain("Origin");
    expect(listOf(response, "allow-methods")).toContain(method.toLowerCase());
    expect(listOf(response, "allow-headers")).toEqual(expect.arrayContaining(asks.split(",")));
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  });

  it.each([
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

  async function send(request: WireRequest, url = local.url) {
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
    const response = await send(request);
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
