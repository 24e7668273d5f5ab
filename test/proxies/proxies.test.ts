/** The configurations of deploy/ in front of a server and a gateway, by the nginx and the Caddy that are installed. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import {
  DescribeAppInstanceUserEndpointCommand,
  RegisterAppInstanceUserEndpointCommand,
} from "@aws-sdk/client-chime-sdk-identity";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFiles } from "../../torture/server.ts";
import { behindProxies, longToken, ofLength, registration, sendFrom, withBearer } from "../support/behind-proxies.ts";
import { type Caller, connectEs, grpcJs, type Outcome } from "../support/callers.ts";
import { awsClient } from "../support/clients.ts";
import { bearerOf, presignedUrl } from "../support/credentials.ts";
import { CA, isInstalled, type KindOfProxy, type RunningProxy, type Slip, startProxy } from "../support/proxies.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { connectRegister, restRegister, send } from "../support/wire.ts";

const behind = behindProxies();
const GRPC: Record<string, (url: string) => Caller> = {
  "grpc-js": (url) => grpcJs(url, {}, CA),
  "connect-node": (baseUrl) => connectEs(createGrpcTransport({ baseUrl })),
};

describe.each<KindOfProxy>(["nginx", "caddy"])("%s", (kind) => {
  describe.skipIf(!isInstalled(kind))("as deploy/ has it", () => {
    let proxy: RunningProxy;
    beforeAll(async () => {
      proxy = await startProxy(kind, behind.upstreams);
    });
    afterAll(() => proxy.stop());

    it("passes on what an AWS SDK signs, whose path has an ARN with encoded slashes", async () => {
      const client = awsClient(proxy.serve);
      const AppInstanceUserArn = freshUserArn();
      const { EndpointId } = await client.send(
        new RegisterAppInstanceUserEndpointCommand({
          ...{ AppInstanceUserArn, ResourceArn: RESOURCE_ARN, Type: "GCM", ClientRequestToken: "request" },
          EndpointAttributes: { DeviceToken: "token" },
        }),
      );
      const described = await client.send(
        new DescribeAppInstanceUserEndpointCommand({ AppInstanceUserArn, EndpointId }),
      );
      expect(described.AppInstanceUserEndpoint?.EndpointAttributes?.DeviceToken).toBe("token");
    });

    it.each(["a//b", "a/../b", "a%2Fb", "a%252Fb", "a b+c", "é"])(
      "changes nothing in the path of user %j",
      async (id) => {
        const arn = freshUserArn().replace(/\/user\/.*/, `/user/${id}`);
        expect((await send(proxy.serve, restRegister({}, arn))).status).toBe(201);
      },
    );

    it("passes on a presigned URL", async () => {
      const path = `/app-instance-users/${encodeURIComponent(freshUserArn())}/endpoints?max-results=5`;
      const url = await presignedUrl(proxy.serve + path, { method: "GET", headers: {}, body: null });
      expect((await fetch(url)).status).toBe(200);
    });

    it("speaks HTTP/2 and HTTP/1.1", async () => {
      const arn = freshUserArn();
      for (const httpVersion of ["2", "1.1"] as const) {
        const call = connectEs(createConnectTransport({ baseUrl: proxy.serve, httpVersion }));
        expect(await call("RegisterAppInstanceUserEndpoint", registration(arn), await bearerOf(arn))).toMatchObject({
          code: "ok",
        });
      }
      const session = connectHttp2(proxy.serve, { ca: CA });
      const [headers] = await once(session.request({ ":path": "/health" }), "response");
      session.close();
      expect([headers[":status"], session.alpnProtocol]).toEqual([200, "h2"]);
    });

    it("lets through tokens of 60 KiB and session tokens of 8 KiB", async () => {
      const long = await send(proxy.serve, withBearer(connectRegister(), longToken(60 * 1_024)));
      expect([long.status, long.reason]).toEqual([401, "TOKEN_REFUSED"]);
      const session = { "x-amz-security-token": longToken(8 * 1_024) };
      const request = connectRegister();
      const { status, reason } = await send(proxy.serve, { ...request, headers: { ...request.headers, ...session } });
      expect([status, reason]).toEqual([401, "SESSION_TOKEN_REFUSED"]);
    });

    it("lets through bodies of 128 KiB, and has Rollcall refuse longer ones", async () => {
      expect((await send(proxy.serve, ofLength(128 * 1_024))).status).toBe(201);
      const { status, text } = await send(proxy.serve, ofLength(128 * 1_024 + 1));
      expect([status, text]).toEqual([413, expect.stringContaining("larger than 131072 bytes")]);
    });

    it("keeps unfinished heads from the server", async () => {
      const before = openFiles(behind.workerd) ?? 0;
      const { port } = new URL(proxy.serve);
      const sockets = Array.from({ length: 100 }, () =>
        connect({ port: Number(port), ca: CA, servername: "localhost" }),
      );
      await Promise.all(sockets.map((socket) => once(socket, "secureConnect")));
      for (const socket of sockets) {
        socket.on("error", () => undefined).write("POST /x HTTP/1.1\r\nHost: localhost\r\nX: ");
      }
      expect((await send(proxy.serve, restRegister())).status).toBe(201);
      expect((openFiles(behind.workerd) ?? 0) - before).toBeLessThan(50);
      for (const socket of sockets) {
        socket.destroy();
      }
    });

    it("opens 200 connections to the server, and no more", async () => {
      const held = new Set<ServerResponse>();
      let most = 0;
      const holding = createServer((_, response) => {
        most = Math.max(most, held.add(response).size);
      });
      await once(holding.listen(0, "127.0.0.1"), "listening");
      const serve = `http://127.0.0.1:${(holding.address() as AddressInfo).port}`;
      // All calls of this test come from one address.
      const slips: Slip[] =
        kind === "nginx" ? [["limit_conn rollcall_callers 100", "limit_conn rollcall_callers 1000"]] : [];
      const crowded = await startProxy(kind, { ...behind.upstreams, serve }, slips);
      const told: unknown[] = [];
      const calls = Array.from({ length: 230 }, async () => told.push(await statusOf(crowded.serve)));
      await expect.poll(() => most, { timeout: 30_000 }).toBe(200);
      // nginx refuses those for whom there is none, and Caddy has them wait.
      const refused = kind === "nginx" ? Array(30).fill(502) : [];
      await expect.poll(() => told, { timeout: 30_000 }).toEqual(refused);
      const release = setInterval(() => {
        for (const response of held) {
          held.delete(response);
          response.end();
        }
      }, 10);
      await Promise.all(calls);
      clearInterval(release);
      expect(most).toBe(200);
      expect(told).toEqual([...refused, ...Array(230 - refused.length).fill(200)]);
      await crowded.stop();
      holding.close();
    });

    it("has pages of the server itself call, and no others", async () => {
      const { status } = await sendFrom(proxy.serve, proxy.serve);
      expect(status).toBe(201);
      expect((await sendFrom(proxy.serve, "https://elsewhere.example")).status).toBe(403);
    });

    it("whatever a caller says of who forwarded it, nothing heeds it", async () => {
      const arn = freshUserArn();
      const { authorization } = await bearerOf(arn);
      const request = withBearer(connectRegister({}, arn), authorization);
      const forwarded = {
        "x-forwarded-host": "elsewhere.example",
        "x-forwarded-for": "127.0.0.1",
        forwarded: "host=elsewhere.example",
      };
      expect((await send(proxy.serve, { ...request, headers: { ...request.headers, ...forwarded } })).status).toBe(200);
    });

    it.each(Object.entries(GRPC))("carries gRPC of %s to the gateway", async (_, callerAt) => {
      const call = callerAt(proxy.gateway);
      const arn = freshUserArn();
      const register = "RegisterAppInstanceUserEndpoint";
      const bearer = await bearerOf(arn);
      expect(await call(register, registration(arn), bearer)).toMatchObject({ code: "ok" });
      const again = { ...registration(arn), clientRequestToken: "other" };
      const conflict = await call(register, again, bearer);
      expect([conflict.code, detailsOf(conflict)]).toEqual(["already_exists", ["google.rpc.ErrorInfo"]]);
      const broken = {
        resourceArn: "x",
        endpointAttributes: { deviceToken: "", voipDeviceToken: "v".repeat(1_601) },
        name: "n".repeat(1_601),
      };
      const violated = await call(register, broken, bearer);
      expect([violated.code, detailsOf(violated)]).toEqual([
        "invalid_argument",
        expect.arrayContaining(["buf.validate.Violations"]),
      ]);
      expect(
        await call(
          "ListAppInstanceUserEndpoints",
          { appInstanceUserArn: arn },
          { authorization: longToken(60 * 1_024) },
        ),
      ).toMatchObject({
        code: "unauthenticated",
      });
    });
  });
});

/** On a connection of its own. */
async function statusOf(url: string): Promise<number | undefined> {
  const [response] = await once(get(`${url}/health`, { agent: false, ca: CA }), "response");
  response.resume();
  return response.statusCode;
}

function detailsOf(outcome: Outcome): string[] {
  return "details" in outcome ? outcome.details.map(({ type }) => type) : [];
}
