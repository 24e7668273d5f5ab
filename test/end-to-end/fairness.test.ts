import { describe, expect, it } from "vitest";
import { bearerOf } from "../support/credentials.ts";
import { freshUserArn } from "../support/requests.ts";
import { restRegister, send } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const server = serveOnWorkerd({ LOCAL_MODE: "true", USERS_AT_ONCE: "40" });

const counted = serveOnWorkerd({ LOCAL_MODE: "true", CALLS_PER_CALLER: "30" });

describe("on a machine that counts callers", () => {
  it("a caller beyond its rate is told to wait, while others are served", async () => {
    const statuses = [];
    // More than twice the rate, in case that the period ends between them.
    for (let n = 0; n < 70; n++) {
      statuses.push((await send(counted.url, restRegister())).status);
    }
    expect(new Set(statuses)).toEqual(new Set([201, 429]));
    const arn = freshUserArn();
    const request = restRegister({}, arn);
    const headers = { ...request.headers, ...(await bearerOf(arn)) };
    expect((await send(counted.url, { ...request, headers })).status).toBe(201);
  });
});

describe("on a machine that has room for 40 users", () => {
  it("a key that walks through users without end locks nobody out who comes with a token of their own", async () => {
    const walked = [];
    for (let n = 0; n < 60; n++) {
      walked.push((await send(server.url, restRegister())).status);
    }
    expect(walked).toEqual([...Array(32).fill(201), ...Array(28).fill(503)]);
    const others = Array.from({ length: 8 }, async () => {
      const arn = freshUserArn();
      const request = restRegister({}, arn);
      return send(server.url, { ...request, headers: { ...request.headers, ...(await bearerOf(arn)) } });
    });
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(Array(8).fill(201));
  });
});
