import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bearerOf } from "../support/credentials.ts";
import { serve } from "../support/server.ts";
import { send, type WireAnswer, type WireRequest } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";
import { ANSWERS } from "./answers-table.ts";

const document = readFileSync(join(import.meta.dirname, "../../dist/assets/openapi.json"), "utf8");
const { paths } = JSON.parse(document);

/** By wrangler, whose runtime keeps assets by their ETags as Cloudflare does. */
const local = serve();
const deployed = serveOnWorkerd({ PAGES: "docs" });
const closed = serveOnWorkerd({});

interface Described {
  readonly requestBody?: { content: { "application/json": { example: unknown } } };
  readonly responses: Record<string, { headers: Record<string, { schema?: { enum: string[] } }> }>;
}

/** What the document says of a request; undefined where it knows no such path or method. */
function described(method: string, path: string): Described | undefined {
  const [route = ""] = path.split("?");
  const template = Object.keys(paths).find((known) =>
    new RegExp(`^${known.replace(/\{\w+\}/g, "[^/]+")}$`).test(route),
  );
  return template && paths[template][method.toLowerCase()];
}

/** Whether the document has this answer to this request: its status, its exception, and all of its headers. */
function isDescribed({ method, path }: WireRequest, { status, error, headers }: WireAnswer): boolean {
  const response = described(method, path)?.responses[status];
  return (
    response !== undefined &&
    Object.keys(response.headers).every((name) => headers.has(name)) &&
    (error === "" || response.headers["X-Amzn-ErrorType"]?.schema?.enum.includes(error) === true)
  );
}

describe("static assets", () => {
  it("are the description and the reference, where configured", async () => {
    for (const { url } of [local, deployed]) {
      const description = await fetch(`${url}/openapi.json`);
      expect(await description.text()).toBe(document);
      expect(description.headers.get("content-type")).toBe("application/json");
      const reference = await fetch(`${url}/docs`);
      expect(await reference.text()).toContain("<title>Rollcall API reference</title>");
      expect(reference.headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  it("are nowhere else", async () => {
    for (const path of [
      "/openapi.json",
      "/docs",
      "/docs/",
      "/docs/main.js",
      "/docs/index.html",
      "/index.html",
      "/settings.json",
    ]) {
      expect((await fetch(closed.url + path)).status).toBe(404);
    }
    for (const path of ["/console", "/console/main.js"]) {
      expect((await fetch(deployed.url + path)).status).toBe(404);
    }
  });

  it("have a page at the root that leads to them; without any, the root says so", async () => {
    for (const { url } of [local, deployed]) {
      expect(await (await fetch(url)).text()).toContain("<title>Rollcall</title>");
    }
    expect(await (await fetch(closed.url)).json()).toMatchObject({ name: "rollcall", health: "/health" });
    expect(await (await fetch(`${closed.url}/docs`)).json()).toMatchObject({
      Message: expect.stringMatching(/^The page at \/docs is off\. The variable PAGES /),
    });
  });

  it("are sent once to who keeps them", async () => {
    const first = await fetch(`${local.url}/docs/main.js`);
    const again = await fetch(`${local.url}/docs/main.js`, {
      headers: { "if-none-match": first.headers.get("etag") ?? "" },
    });
    expect([first.status, again.status]).toEqual([200, 304]);
    expect(again.headers.get("x-amzn-requestid")).not.toBe(first.headers.get("x-amzn-requestid"));
  });
});

describe("the OpenAPI document", () => {
  it("knows every answer of REST to an operation, with its exception and headers", async () => {
    const unknown: string[] = [];
    for (const { condition, rest = [[]], closed: isClosed } of ANSWERS) {
      for (const request of [rest[0]].flat()) {
        const answer = await send((isClosed ? closed : local).url, request);
        if (!isDescribed(request, answer)) {
          unknown.push(`${condition}: ${answer.error}`);
        }
      }
    }
    expect(unknown).toEqual(["unknown route: UnknownOperationException", "wrong method: MethodNotAllowedException"]);
  });

  it("has examples that are answered as it says", async () => {
    const path = "/app-instance-users/{AppInstanceUserArn}/endpoints";
    const arn = paths[path].post.parameters[0].example;
    const users = `${local.url}/app-instance-users/${encodeURIComponent(arn)}/endpoints`;
    const headers = { ...(await bearerOf(arn)), "content-type": "application/json" };
    const example = (operation: Described) =>
      JSON.stringify(operation.requestBody?.content["application/json"].example);
    const registered = await fetch(users, { method: "POST", headers, body: example(paths[path].post) });
    expect(registered.status).toBe(201);
    const { EndpointId } = (await registered.json()) as { EndpointId: string };
    const endpoint = `${users}/${EndpointId}`;
    const updated = await fetch(endpoint, { method: "PUT", headers, body: example(paths[`${path}/{EndpointId}`].put) });
    expect(updated.status).toBe(200);
    const told = (await (await fetch(endpoint, { headers })).json()) as { AppInstanceUserEndpoint: object };
    const shown = paths[`${path}/{EndpointId}`].get.responses[200].content["application/json"].example;
    const changing = ["EndpointId", "CreatedTimestamp", "LastUpdatedTimestamp", "DeviceTokenTimestamp"];
    const lasting = ({ AppInstanceUserEndpoint }: typeof told) =>
      Object.entries(AppInstanceUserEndpoint).filter(([name]) => !changing.includes(name));
    expect(lasting(told)).toEqual(lasting(shown));
  });
});
