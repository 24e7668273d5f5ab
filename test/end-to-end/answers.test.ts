import { getOption } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { ServedBy, served_by } from "../../src/gen/rollcall/v1/options_pb.ts";
import { freshUserArn } from "../support/requests.ts";
import { connectRegister, restRegister, send, type WireRequest } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";
import { ANSWERS } from "./answers-table.ts";

const open = serveOnWorkerd();
const closed = serveOnWorkerd({});

/** The table, cell by cell. */
function cells() {
  return ANSWERS.flatMap(({ condition, closed: isClosed, ...wires }) =>
    Object.entries(wires).map(([wire, [requests, ...outcome]]) => {
      const { url } = isClosed ? closed : open;
      return { url, requests: [requests].flat(), label: `| ${condition} | ${wire}`, outcome };
    }),
  );
}

async function lastAnswer(url: string, requests: readonly WireRequest[]): Promise<string> {
  let told = "";
  for (const request of requests) {
    const { status, error, reason } = await send(url, request);
    told = `${status} | ${error} | ${reason} |`;
  }
  return told;
}

describe("every answer", () => {
  it("has a place: those of rpcs about many users in batch-answers, and all others here", () => {
    const asked = ANSWERS.flatMap(({ connect }) => [connect?.[0] ?? []].flat()).map(({ path }) =>
      path.split("/").at(-1),
    );
    const here = AppInstanceUserEndpointService.methods.filter(
      (method) => getOption(method, served_by) !== ServedBy.EACH_USER,
    );
    expect(here.map(({ name }) => name).filter((name) => !asked.includes(name))).toEqual([]);
  });

  it("is as the table says", async () => {
    const answered: string[] = [];
    for (const { url, requests, label } of cells()) {
      answered.push(`${label} | ${await lastAnswer(url, requests)}`);
    }
    console.log(
      ["| condition | wire | status | type or code | reason |", "|---|---|---|---|---|", ...answered].join("\n"),
    );
    expect(answered).toEqual(cells().map(({ label, outcome }) => `${label} | ${outcome.join(" | ")} |`));
  });

  it("to a request that can't be served repeats no value of it", async () => {
    for (const request of [
      restRegister({ EndpointAttributes: { DeviceToken: 12345678 } }),
      connectRegister({ endpointAttributes: { deviceToken: 12345678 } }),
      { ...restRegister(), body: '{"EndpointAttributes":{"DeviceToken":12345678' },
      { ...connectRegister(), body: '{"endpointAttributes":{"deviceToken":12345678' },
      restRegister({ EndpointAttributes: { DeviceToken: "12345678\n" } }),
      connectRegister({ endpointAttributes: { deviceToken: "12345678\n" }, type: "12345678" }),
    ]) {
      const { status, text } = await send(open.url, request);
      expect(status).toBe(400);
      expect(text).not.toContain("12345678");
    }
  });

  it.each([
    ["REST", restRegister()],
    ["Connect", connectRegister()],
    ["gRPC-Web", { ...connectRegister(), headers: { "content-type": "application/grpc-web+json" } }],
    ["a page of another origin", { ...connectRegister(), headers: { origin: "http://localhost:3000" } }],
    ["a path where nothing is", { ...restRegister(), path: "/nothing" }],
    ["the server's health", { ...restRegister(), path: "/health", method: "GET", body: null }],
  ])("is kept by no cache, and taken for a page by no browser: to %s", async (_, request) => {
    for (const one of [request, { ...request, headers: { ...request.headers, authorization: "none" } }]) {
      const { headers } = await send(open.url, one);
      expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
    }
  });

  it("on REST has what AWS SDKs read", async () => {
    const { headers, text } = await send(open.url, restRegister({ Type: "FAX" }));
    const body = JSON.parse(text);
    expect(body).toEqual({ Code: "BadRequest", Message: body.message, message: expect.stringContaining("'Type'") });
    expect(headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(Math.abs(Date.parse(headers.get("date") ?? "") - Date.now())).toBeLessThan(60_000);
  });
});

describe("a request as real clients send it", () => {
  const types = [
    "application/json",
    "application/json; charset=utf-8",
    "application/x-amz-json-1.0",
    "APPLICATION/X-AMZ-JSON-1.1",
  ];
  it.each(types)("of type %s is read as JSON", async (type) => {
    expect((await send(open.url, { ...restRegister(), headers: { "content-type": type } })).status).toBe(201);
  });

  it("without a type is read as JSON", async () => {
    const request = restRegister();
    // fetch gives a type to texts only.
    const body = new Uint8Array(Buffer.from(String(request.body)));
    expect((await send(open.url, { ...request, headers: {}, body })).status).toBe(201);
  });

  it("names its user with or without escapes, and is the same user", async () => {
    const arn = freshUserArn();
    const paths = [encodeURIComponent(arn), arn, arn.replaceAll("/", "%2F"), arn.replaceAll("/", "%2f")];
    const answers: string[] = [];
    for (const path of paths) {
      answers.push((await send(open.url, { ...restRegister(), path: `/app-instance-users/${path}/endpoints` })).text);
    }
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] ?? "")).toMatchObject({ AppInstanceUserArn: arn });
  });

  it("has its path decoded exactly once", async () => {
    const arn = `${freshUserArn()}%2F`;
    const { text } = await send(open.url, restRegister({}, arn));
    expect(JSON.parse(text)).toMatchObject({ AppInstanceUserArn: arn });
  });
});
