/** What only the specifications ask for, in bytes, on bare workerd. `npm run test:conformance` asks for more, where there is Go. */
import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { envelope } from "../../src/worker/transport/rpc/envelope.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { bearerOf } from "../support/credentials.ts";
import { freshUserArn } from "../support/requests.ts";
import { restRegister } from "../support/wire.ts";

let workerd: Workerd;
beforeAll(async () => {
  workerd = await startTemporaryWorkerd(WORKER_BUNDLE);
});
afterAll(() => workerd.stop());

const LIST = "/rollcall.v1.AppInstanceUserEndpointService/ListAppInstanceUserEndpoints";
const WEB = { "content-type": "application/grpc-web+json" };
const JSON_TYPE = { "content-type": "application/json" };

async function post(path: string, headers: Record<string, string>, bodyOf: (message: Buffer) => Uint8Array | string) {
  const appInstanceUserArn = freshUserArn();
  const message = Buffer.from(JSON.stringify({ appInstanceUserArn }));
  const response = await fetch(workerd.url + path, {
    method: "POST",
    headers: { ...(await bearerOf(appInstanceUserArn)), ...headers },
    body: bodyOf(message) as BodyInit,
  });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

describe("gRPC-Web", () => {
  const framed = (message: Uint8Array) => envelope(0, message);
  const whole = (message: Buffer) => gzipSync(framed(message));
  it.each<[string, number, Record<string, string>, (message: Buffer) => Uint8Array | string]>([
    ["one message", 0, {}, framed],
    ["no message is unimplemented", 12, {}, () => ""],
    ["two messages are unimplemented", 12, {}, (message) => Buffer.concat([framed(message), framed(message)])],
    ["a message that is compressed by nothing is an internal error", 13, {}, (m) => envelope(1, gzipSync(m))],
    [
      "and so is one that is by identity",
      13,
      { "grpc-encoding": "identity" },
      (message) => envelope(1, gzipSync(message)),
    ],
    ["a flag that there is not is one too", 13, {}, (message) => envelope(2, message)],
    ["and so are trailers in the place of a message", 13, {}, (message) => envelope(0x80, message)],
    ["a message that is compressed by what is said", 0, { "grpc-encoding": "gzip" }, (m) => envelope(1, gzipSync(m))],
    ["a body that is compressed as HTTP has it", 0, { "content-encoding": "gzip" }, whole],
    ["an encoding in capitals", 0, { "content-encoding": "GZIP" }, whole],
  ])("%s", async (_, code, headers, bodyOf) => {
    const { status, text } = await post(LIST, { ...WEB, ...headers }, bodyOf);
    expect([status, /grpc-status: (\d+)/.exec(text)?.[1]]).toEqual([200, String(code)]);
  });

  it("is answered in its text form, with padding wherever a frame ends", async () => {
    const type = "application/grpc-web-text+json";
    const answer = await post(LIST, { "content-type": type }, (message) =>
      Buffer.from(framed(message)).toString("base64"),
    );
    const frames = (answer.text.match(/[^=]+=*/g) ?? []).map((part) => Buffer.from(part, "base64").toString());
    expect([answer.type, frames.join("")]).toEqual([type, expect.stringMatching(/grpc-status: 0/)]);
  });

  it.each(["/a.B/C", "/rollcall.v1.AppInstanceUserEndpointService/Nothing"])(
    "tells in its own form that there is no %s",
    async (path) => {
      const { status, type, text } = await post(path, WEB, framed);
      expect([status, type, /grpc-status: (\d+)/.exec(text)?.[1]]).toEqual([200, "application/grpc-web+json", "12"]);
    },
  );
});

describe("Connect", () => {
  it.each([{ "content-type": "application/proto" }, { ...JSON_TYPE, "connect-protocol-version": "1" }])(
    "tells in its own form that there is no such service: %j",
    async (headers) => {
      const { status, text } = await post("/a.B/C", headers, (message) => message);
      expect([status, JSON.parse(text)]).toEqual([404, expect.objectContaining({ code: "unimplemented" })]);
    },
  );

  it("does not unpack what is empty, and takes a coding in capitals", async () => {
    const gzip = { "content-encoding": "GZIP" };
    const empty = await post(LIST, { "content-type": "application/proto", ...gzip }, () => "");
    expect([empty.status, empty.text]).toEqual([400, expect.stringContaining("validation error")]);
    expect(await post(LIST, { ...JSON_TYPE, ...gzip }, gzipSync)).toMatchObject({ status: 200 });
  });

  it("heeds no headers of gRPC's", async () => {
    const headers = { ...JSON_TYPE, "grpc-timeout": "bogus", "grpc-encoding": "br" };
    expect(await post(LIST, headers, (message) => message)).toMatchObject({ status: 200 });
  });
});

it.each([WEB, JSON_TYPE])("a method that is not taken is refused with the one that is: %j", async (headers) => {
  const { status, headers: told } = await fetch(workerd.url + LIST, { headers });
  expect([status, told.get("allow")]).toEqual([405, "POST"]);
});

/** RFC 9112 section 9.6: closed with data unread, a connection may take the answer with it. */
describe("who is refused while still sending gets the answer", () => {
  it.each([
    ["where nothing is", "/nowhere", "application/json", 404],
    ["with a type that there is not", LIST, "text/plain", 415],
    ["with too large a body over REST", restRegister().path, "application/json", 413],
    ["with too large a body over Connect", LIST, "application/json", 429],
  ])("%s", async (_, path, type, status) => {
    const body = Buffer.alloc(4_000_000, "x");
    for (let call = 0; call < 10; call++) {
      const socket = connect(Number(new URL(workerd.url).port), "127.0.0.1");
      const chunks: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      const failed: Error[] = [];
      socket.on("error", (error) => failed.push(error));
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
      await once(socket, "close");
      expect(failed).toEqual([]);
      expect(Buffer.concat(chunks).toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
  });
});
