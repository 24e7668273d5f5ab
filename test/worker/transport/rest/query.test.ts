import { afterEach, expect, it, vi } from "vitest";
import { createApp } from "../../../../src/worker/transport/app.ts";
import { ask } from "../../../support/ask.ts";
import { bearerOf, localService, presignedUrl } from "../../../support/credentials.ts";
import { USER_ARN } from "../../../support/requests.ts";
import { usersThat } from "../../../support/users.ts";

afterEach(() => vi.restoreAllMocks());

const LIST = `http://localhost/app-instance-users/${encodeURIComponent(USER_ARN)}/endpoints`;

async function list(query: string, isPresigned: boolean) {
  vi.spyOn(console, "log").mockImplementation(() => {});
  const asked = vi.fn(() => ({ kind: "ok", response: {} }));
  const app = createApp({ ...localService(), users: usersThat(asked).users });
  const url = `${LIST}?${query}`;
  const response = isPresigned
    ? await ask(app, await presignedUrl(url, { method: "GET", headers: {}, body: null }))
    : await ask(app, url, { headers: await bearerOf(USER_ARN) });
  return { status: response.status, text: await response.text(), asked };
}

it.each([
  ["max-results=1&max-results=50", "max-results must be in the query once"],
  ["max-results=50&max-results=1", "max-results must be in the query once"],
  ["max-results=1&max%2Dresults=1", "max-results must be in the query once"],
  ["next-token=a&max-results=1&next-token=", "next-token must be in the query once"],
])("a parameter that comes twice is refused, by whichever credentials: %s", async (query, message) => {
  for (const isPresigned of [false, true]) {
    const { status, text, asked } = await list(query, isPresigned);
    expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining(message) });
    expect(asked).not.toHaveBeenCalled();
  }
});

it("a query that is no percent-encoded UTF-8 is refused", async () => {
  for (const query of ["max-results=1&x=%zz", "next-token=%C3%28"]) {
    const { status, text } = await list(query, false);
    expect({ status, text }).toEqual({
      status: 400,
      text: expect.stringContaining("the query must be percent-encoded UTF-8"),
    });
  }
});

it("what the operation does not read may come as often as it likes, and a plus is itself", async () => {
  const { status, asked } = await list("x=1&x=2&next-token=a+b%2B", false);
  expect(status).toBe(200);
  expect(asked).toHaveBeenCalledWith(expect.objectContaining({ nextToken: "a+b+" }));
});
