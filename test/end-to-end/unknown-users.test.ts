/** What users leave on the disk of one machine whom anybody asks about, and nobody has registered. */
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { restRegister, send, type WireAnswer } from "../support/wire.ts";

const USERS = 100;
const ENDPOINT_ID = "01a209ea-2973-751f-be34-6ebcac5eba39";

/** Room for one user, whom one endpoint of another then keeps out. */
const VARIABLES = { LOCAL_MODE: "true", USERS_AT_ONCE: "1" };

let data: string;
let workerd: Workerd;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "rollcall-unknown-"));
  workerd = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables: VARIABLES });
});
afterEach(async () => {
  await workerd.stop();
  rmSync(data, { recursive: true });
});

/** The databases of users; the namespace has one of its own. */
function files(): string[] {
  return globSync(join(data, "objects/*/*.sqlite*")).filter((path) => /\/[0-9a-f]{64}\./.test(path));
}

function ask(method: string, path: string, body?: unknown): Promise<WireAnswer> {
  const headers = { "content-type": "application/json" };
  return send(workerd.url, { method, path, headers, body: body === undefined ? null : JSON.stringify(body) });
}

async function resolve(arns: readonly string[]) {
  const { status, text } = await ask("POST", "/app-instance-user-endpoints/resolve", { AppInstanceUserArns: arns });
  expect(status).toBe(200);
  return JSON.parse(text) as { Users: { AppInstanceUserArn: string; Endpoints: unknown[] }[]; Errors: unknown[] };
}

const arns = Array.from({ length: USERS }, freshUserArn);
const endpoints = (arn: string) => `/app-instance-users/${encodeURIComponent(arn)}/endpoints`;
const failureOf = (AppInstanceUserArn: string) => ({
  ...{ AppInstanceUserArn, EndpointId: ENDPOINT_ID, DeviceToken: "device-1", Reason: "Unregistered" },
  Timestamp: Date.now() / 1_000,
});

describe("users that nobody has registered", () => {
  it.each([
    ["are listed", () => arns.map((arn) => ask("GET", endpoints(arn))), 200],
    ["are described", () => arns.map((arn) => ask("GET", `${endpoints(arn)}/${ENDPOINT_ID}`)), 404],
    ["are updated", () => arns.map((arn) => ask("PUT", `${endpoints(arn)}/${ENDPOINT_ID}`, { Name: "new" })), 404],
    ["are deregistered", () => arns.map((arn) => ask("DELETE", `${endpoints(arn)}/${ENDPOINT_ID}`)), 204],
    ["are resolved", () => [ask("POST", "/app-instance-user-endpoints/resolve", { AppInstanceUserArns: arns })], 200],
    [
      "are reported",
      () => [ask("POST", "/app-instance-user-endpoints/failures", { Failures: arns.map(failureOf) })],
      200,
    ],
  ] as const)("%s, and leave no file and take no room", async (_, calls, status) => {
    const answers = await Promise.all(calls());
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status]));
    expect(answers.flatMap(({ text }) => (text.includes('"Errors"') ? JSON.parse(text).Errors : []))).toEqual([]);
    expect(files()).toEqual([]);
    expect((await send(workerd.url, restRegister())).status).toBe(201);
    expect(files()).not.toEqual([]);
  });
});

describe("a user who is registered", () => {
  it("is found at once, and after a start", async () => {
    const [arn = ""] = arns;
    expect((await resolve([arn])).Users).toEqual([{ AppInstanceUserArn: arn, Endpoints: [] }]);
    expect((await send(workerd.url, restRegister({}, arn))).status).toBe(201);
    const found = [{ AppInstanceUserArn: arn, Endpoints: [expect.objectContaining({ ResourceArn: RESOURCE_ARN })] }];
    expect((await resolve([arn])).Users).toEqual(found);
    await workerd.stop();
    workerd = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables: VARIABLES });
    expect((await resolve([arn])).Users).toEqual(found);
  });
});
