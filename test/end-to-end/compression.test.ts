import { gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { AppInstanceUserEndpointType } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { BODY_MAX_BYTES } from "../../src/worker/model/limits.ts";
import { connectClient } from "../support/clients.ts";
import { withBearer } from "../support/credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { connectRegister, restRegister, send } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const server = serveOnWorkerd();
const gzip = { acceptCompression: [compressionGzip], sendCompression: compressionGzip, compressMinBytes: 0 };

function gzipped(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(text));
}

describe("gzip", () => {
  it.each([
    ["Connect", createConnectTransport],
    ["gRPC-Web", createGrpcWebTransport],
  ])("is read and written over %s, by its own client", async (_, createTransport) => {
    const client = connectClient(
      createTransport({ baseUrl: server.url, httpVersion: "1.1", interceptors: [withBearer], ...gzip }),
    );
    const request = {
      appInstanceUserArn: freshUserArn(),
      type: AppInstanceUserEndpointType.GCM,
      resourceArn: RESOURCE_ARN,
      endpointAttributes: { deviceToken: "device-1" },
      clientRequestToken: "request-1",
    };
    const { appInstanceUserArn } = await client.registerAppInstanceUserEndpoint(request);
    expect(appInstanceUserArn).toBe(request.appInstanceUserArn);

    // Long enough to come back compressed.
    const error = await client.registerAppInstanceUserEndpoint({}).catch(ConnectError.from);
    expect(error).toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: expect.stringContaining("5 validation errors"),
    });
  });

  it("is named once and applied once to long answers, where it is accepted", async () => {
    const request = connectRegister({ type: "FAX", resourceArn: "", clientRequestToken: "!" });
    const plain = await send(server.url, {
      ...request,
      headers: { ...request.headers, "accept-encoding": "identity" },
    });
    const compressed = await send(server.url, {
      ...request,
      headers: { ...request.headers, "accept-encoding": "gzip" },
    });
    expect(compressed.headers.get("content-encoding")).toBe("gzip");
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(compressed.text).toBe(plain.text);
  });

  it("is read on REST too", async () => {
    const { body, headers, ...request } = restRegister();
    const answer = await send(server.url, {
      ...request,
      headers: { ...headers, "content-encoding": "gzip" },
      body: gzipped(String(body)),
    });
    expect(answer.status).toBe(201);
  });

  it.each([
    ["REST", restRegister, 201],
    ["Connect", connectRegister, 200],
  ])("is read over %s up to the bound, and in as many members as it has", async (_, register, ok) => {
    const request = register();
    const headers = { ...request.headers, "content-encoding": "gzip" };
    const text = String(request.body).padEnd(BODY_MAX_BYTES, " ");
    const [whole, inTwo] = [gzipped(text), Buffer.concat([gzipped(text.slice(0, 40)), gzipped(text.slice(40))])];
    expect((await send(server.url, { ...request, headers, body: whole })).status).toBe(ok);
    expect((await send(server.url, { ...request, headers, body: inTwo })).status).toBe(ok);
    const more = [`${text} `, text.slice(0, 40)].map(gzipped);
    const [beyond, begun] = more;
    expect((await send(server.url, { ...request, headers, body: beyond ?? null })).text).toContain("larger than");
    const inTwoBeyond = Buffer.concat([begun ?? [], gzipped(`${text.slice(40)} `)] as Uint8Array[]);
    expect((await send(server.url, { ...request, headers, body: inTwoBeyond })).text).toContain("larger than");
  });

  it.each([
    ["REST", restRegister, 413],
    ["Connect", connectRegister, 429],
  ])(
    "that grows beyond the bound is refused over %s, and so is what only calls itself gzip",
    async (_, register, tooLarge) => {
      const request = register();
      const headers = { ...request.headers, "content-encoding": "gzip" };
      const bomb = gzipped(String(request.body).padEnd(50_000_000, " "));
      expect(bomb.byteLength).toBeLessThan(100_000);
      expect((await send(server.url, { ...request, headers, body: bomb })).status).toBe(tooLarge);
      expect((await send(server.url, { ...request, headers })).status).toBe(400);
      expect((await send(server.url, { ...request, headers, body: gzipped("{}").subarray(0, 15) })).status).toBe(400);
    },
  );
});
