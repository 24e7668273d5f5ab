import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { pathTemplate } from "../../../src/transport/rest/path-template.ts";

const template = pathTemplate("/users/{user_arn}/endpoints/{id}");

/** What a router with this template's routes makes of a raw path. */
async function route(path: string): Promise<Record<string, string> | undefined> {
  let variables: ReadonlyMap<string, string> | undefined;
  const app = new Hono({ getPath: (request) => new URL(request.url).pathname });
  app.on("GET", [...template.routes], (context) => {
    variables = template.variables(new URL(context.req.url).pathname);
    return context.body(null);
  });
  await app.request(path);
  return variables && Object.fromEntries(variables);
}

describe("pathTemplate", () => {
  it.each([
    ["/users/a/endpoints/b", { user_arn: "a", id: "b" }],
    ["/users/arn%3Aaws%2Fuser%2Fx/endpoints/b%2Fc", { user_arn: "arn%3Aaws%2Fuser%2Fx", id: "b%2Fc" }],
    ["/users/100%zz/endpoints/b", { user_arn: "100%zz", id: "b" }],
    [
      "/users/arn:aws:chime:r:1:app-instance/a/user/x/endpoints/b",
      { user_arn: "arn:aws:chime:r:1:app-instance/a/user/x", id: "b" },
    ],
    [
      "/users/arn:aws:chime:r:1:app-instance/endpoints/user/x/endpoints/b",
      { user_arn: "arn:aws:chime:r:1:app-instance/endpoints/user/x", id: "b" },
    ],
  ])("finds the variables of %s, as they were sent", async (path, variables) => {
    expect(await route(path)).toEqual(variables);
  });

  it.each([
    "/users/a/endpoints",
    "/users/a/endpoints/",
    "/users/a/endpoints/b/c",
    "/users//endpoints/b",
    "/users/arn:a/b/endpoints/c",
    "/users/arn:a/user/b/c/endpoints/d",
    // Dot segments are resolved before any code of ours runs.
    "/users/arn:a/app/user/../endpoints/c",
    "/users/x/user/b/endpoints/c",
  ])("does not take %s", async (path) => {
    expect(await route(path)).toBeUndefined();
  });
});
