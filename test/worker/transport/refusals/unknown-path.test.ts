import { describe, expect, it } from "vitest";
import type { Page } from "../../../../src/worker/config.ts";
import { OPERATIONS } from "../../../../src/worker/transport/operations.ts";
import { explainUnknownPath, unknownPath } from "../../../../src/worker/transport/refusals/unknown-path.ts";

const CONNECT = "/rollcall.v1.AppInstanceUserEndpointService";
const ROOTS = `Rollcall's paths begin at the root of the server, with /app-instance-users/ or /app-instance-user-endpoints/ or ${CONNECT}/. Leave out the path of the client's endpoint URL, even a single slash.`;
const OFF = "The variable PAGES switches pages on, and in local mode all of them are.";
const NONE = `Rollcall has the endpoint operations of Chime SDK Identity, and some of its own: ${OPERATIONS.map(({ name }) => name).join(", ")}.`;

function explained(path: string, pages: readonly Page[] = []): string {
  return explainUnknownPath(unknownPath(new URL(`https://rollcall.example${path}`), pages));
}

describe("a path that is none", () => {
  it.each([
    ["/app-instance-users?app-instance-arn=arn:aws:chime:x", `There is nothing at /app-instance-users. ${NONE}`],
    ["/app-instances", `There is nothing at /app-instances. ${NONE}`],
    [`${CONNECT}/ListAppInstanceUsers`, `There is nothing at ${CONNECT}/ListAppInstanceUsers. ${NONE}`],
    [
      "/app-instance-users/arn%3Aaws%3Achime/endpoints/",
      "There is nothing at /app-instance-users/…/endpoints/: leave out the slash at its end.",
    ],
    [
      `${CONNECT}/ListAppInstanceUserEndpoints/`,
      `There is nothing at ${CONNECT}/ListAppInstanceUserEndpoints/: leave out the slash at its end.`,
    ],
    [
      "/app-instance-user-endpoints/resolve/",
      "There is nothing at /app-instance-user-endpoints/resolve/: leave out the slash at its end.",
    ],
    ["/app-instance-user-endpoints", `There is nothing at /app-instance-user-endpoints. ${NONE}`],
    ["/app-instance-user-endpoints/x", `There is nothing at /app-instance-user-endpoints/x. ${NONE}`],
    ["/v1/app-instance-user-endpoints/x", `There is nothing at /v1/app-instance-user-endpoints/x: ${ROOTS}`],
    ["/v1/app-instance-users/arn%3Aaws/endpoints", `There is nothing at /v1/app-instance-users/…/endpoints: ${ROOTS}`],
    [
      `/api${CONNECT}/ListAppInstanceUserEndpoints`,
      `There is nothing at /api${CONNECT}/ListAppInstanceUserEndpoints: ${ROOTS}`,
    ],
    ["//app-instance-users/arn%3Aaws/endpoints", `There is nothing at //app-instance-users/…/endpoints: ${ROOTS}`],
    ["/docs", `The page at /docs is off. ${OFF}`],
    ["/console/main.js", `The page at /console/main.js is off. ${OFF}`],
    ["/openapi.json", `The page at /openapi.json is off. ${OFF}`],
    ["/documents", `There is nothing at /documents. ${NONE}`],
  ])("%s is explained", (path, words) => {
    expect(explained(path)).toBe(words);
  });

  it("is not said to be off where its page is served", () => {
    expect(explained("/docs/none.js", ["docs"])).toBe(`There is nothing at /docs/none.js. ${NONE}`);
    expect(explained("/openapi.json/", ["docs"])).toBe(`There is nothing at /openapi.json/. ${NONE}`);
    expect(explained("/console", ["docs"])).toBe(`The page at /console is off. ${OFF}`);
  });

  it.each([
    ["an APNs token", "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad"],
    ["an FCM token", `${"cRi2yTfFTQmZ7Wx-"}:APA91b${"x".repeat(134)}`],
    ["an ARN", "arn:aws:chime:us-east-1:1:app-instance%2Fa%2Fuser%2Fbob"],
    ["an endpoint's id", "01a209ea-2973-751f-be34-6ebcac5eba39"],
    ["markup", "%3Cscript%3E"],
  ])("is told without %s that was put into it", (_, text) => {
    expect(explained(`/devices/${text}/x`)).toBe(`There is nothing at /devices/…/x. ${NONE}`);
  });

  it.each([
    "arn:aws:chime:us-east-1:1:app-instance/a/user/bob/endpoints/",
    "arn%3Aaws:chime:us-east-1:1:app-instance/a/user/bob/endpoints/",
    "arn:aws:chime:us-east-1:1:app-instance/a/user/endpoints/bob/endpoints/",
  ])("is told without an ARN whose slashes are not encoded: %s", (rest) => {
    expect(explained(`/app-instance-users/${rest}`)).toBe(
      "There is nothing at /app-instance-users/…/endpoints/: leave out the slash at its end.",
    );
    expect(explained(`/app-instance-users/${rest}x/y`)).not.toContain("bob");
  });

  it("is told without its query, and not at any length", () => {
    expect(explained("/devices?X-Amz-Signature=secret")).not.toContain("secret");
    expect(explained("/words".repeat(1_000)).length).toBeLessThan(700);
  });
});
