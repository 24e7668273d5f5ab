/** Requests that break on the wire, on bare workerd: there nothing stands before the Worker to refuse them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { exchange } from "../../torture/hostile/raw.ts";
import { WORKER_BUNDLE } from "../support/build.ts";

let workerd: Workerd;
beforeAll(async () => {
  workerd = await startTemporaryWorkerd(WORKER_BUNDLE);
});
afterAll(() => workerd.stop());

const REST = "/app-instance-users/x/endpoints";
const CONNECT = "/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint";

it.each(["GET *", "OPTIONS *"])("%s, a target without a slash, is refused", async (target) => {
  const answer = await exchange(workerd.url, [Buffer.from(`${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`)]);
  expect(answer).toMatchObject({ status: 400, requestId: expect.any(String) });
});

describe.each([REST, CONNECT])("POST %s", (target) => {
  it.each([
    ["a Host that is none", "host: a b\r\n\r\n", "the URL that Host and target make"],
    ["a Host with a port that is none", "host: x:99999\r\n\r\n", "the URL that Host and target make"],
    [
      "a body whose chunks can't be read",
      "host: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
      "the request body must be sent to its end",
    ],
  ])("with %s is refused, and told why", async (_, rest, why) => {
    const answer = await exchange(workerd.url, [Buffer.from(`POST ${target} HTTP/1.1\r\n${rest}`)]);
    expect(answer).toMatchObject({ status: 400, requestId: expect.any(String), text: expect.stringContaining(why) });
  });

  it("with chunks that never end is refused before they do, whatever length it announces", async () => {
    const head = `POST ${target} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n`;
    const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
    const pieces = [`${head}transfer-encoding: chunked\r\n\r\n`, chunk, chunk, chunk].map((text) => Buffer.from(text));
    const answer = await exchange(workerd.url, pieces);
    expect(answer).toMatchObject({ requestId: expect.any(String), text: expect.stringContaining("131072 bytes") });
  });
});
