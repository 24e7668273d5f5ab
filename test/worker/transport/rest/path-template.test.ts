import { describe, expect, it } from "vitest";
import { pathTemplate } from "../../../../src/worker/transport/rest/path-template.ts";

const template = pathTemplate("/users/{user_arn}/endpoints/{id}");

/** The variables of a path as the runtime hands it on. */
function route(path: string): Record<string, string> | undefined {
  const variables = template.match(new URL(path, "http://localhost").pathname);
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
  ])("finds the variables of %s, as they were sent", (path, variables) => {
    expect(route(path)).toEqual(variables);
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
  ])("does not take %s", (path) => {
    expect(route(path)).toBeUndefined();
  });
});
