/** Faults between the Worker and a real object, and in that: 503 with the time to wait, or the right answer, and never two endpoints. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UserNamespace } from "../../../src/worker/model/user-rpcs.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import { ask } from "../../support/ask.ts";
import { bearerOf, localService } from "../../support/credentials.ts";
import { freshUserArn } from "../../support/requests.ts";
import { endpoint } from "../../support/rows.ts";
import { stored, type User, userNamed } from "../../support/user-object.ts";
import { runtimeError } from "../../support/users.ts";
import { connectRegister, restRegister, type WireRequest } from "../../support/wire.ts";

type Call = (method: string, request: unknown) => Promise<unknown>;

/** What stands between the Worker and the object: it may call, throw, and tell otherwise. */
type Fault = (call: () => Promise<unknown>, attempt: number, user: User) => Promise<unknown>;

const log: string[] = [];
beforeEach(() => {
  log.length = 0;
  for (const level of ["log", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void log.push(String(line)));
  }
});
afterEach(() => vi.restoreAllMocks());

function appWith(fault: Fault) {
  let attempt = 0;
  const users = {
    getByName: (name: string) => {
      const user = userNamed(name);
      const call: Call = (method, request) =>
        (user as unknown as Record<string, (r: unknown) => Promise<unknown>>)[method]?.(request) ??
        Promise.reject(new Error(method));
      return new Proxy(
        {},
        { get: (_, method) => (request: unknown) => fault(() => call(String(method), request), ++attempt, user) },
      );
    },
  } as unknown as UserNamespace;
  return createApp({ ...localService(), users });
}

const healthy: Fault = (call) => call();

const WIRES = [
  ["REST", restRegister],
  ["Connect", connectRegister],
] as const;

/** Registers over a wire, and answers the status, the id if there is one, and what the answer asks to wait. */
async function register(fault: Fault, { method, path, headers, body }: WireRequest, arn: string) {
  const response = await ask(appWith(fault), path, {
    method,
    headers: { ...headers, ...(await bearerOf(arn)) },
    body,
  });
  const json = (await response.json()) as { EndpointId?: string; endpointId?: string };
  return {
    status: response.status,
    id: json.EndpointId ?? json.endpointId,
    waits: [response.headers.get("retry-after"), response.headers.get("x-amz-retry-after")],
    text: JSON.stringify(json),
  };
}

async function throwing(error: Error): Promise<never> {
  throw error;
}

const gone = runtimeError({ retryable: true });

/** After these the caller has the answer, though something went wrong on the way. */
const MENDED: [string, Fault][] = [
  ["disconnected before it was called, twice", (call, attempt) => (attempt <= 2 ? throwing(gone) : call())],
  [
    "disconnected after the commit",
    async (call, attempt) => [await call(), attempt === 1 && (await throwing(gone))][0],
  ],
  [
    "disconnected after the commit, twice",
    async (call, attempt) => [await call(), attempt <= 2 && (await throwing(gone))][0],
  ],
  [
    "answering what only a newer release knows",
    async (call) => ({ ...((await call()) as object), hint: { of: ["the future"] } }),
  ],
];

/** After these the caller is asked to come back. Whether the call took effect is left open. */
const REFUSED: [string, Fault][] = [
  ["overloaded", () => throwing(runtimeError({ overloaded: true, retryable: true }))],
  ["never reached", () => throwing(gone)],
  ["disconnected after every commit", async (call) => [await call(), await throwing(gone)][0]],
  [
    "reset after the commit",
    async (call) => [await call(), await throwing(runtimeError({ durableObjectReset: true }))][0],
  ],
  ["unable to open its storage", () => throwing(new Error("internal error; reference = 8coual1vpf6eaaeg5ksh2ii9"))],
  [
    "of an older release, without the method",
    () => throwing(new TypeError('The RPC receiver does not implement the method "x".')),
  ],
  ["of a newer release, with another kind of answer", async (call) => [await call(), { kind: "postponed" }][1]],
];

describe.each(WIRES)("over %s, a user's object that is", (_, request) => {
  it.each(MENDED)("%s: is called again, and answers one endpoint", async (_, fault) => {
    const arn = freshUserArn();
    const { status, id } = await register(fault, request({}, arn), arn);
    expect(status).toBeLessThan(202);
    const { rows } = await stored(userNamed(objectName(arn)));
    expect(rows.map(({ endpointId }) => endpointId)).toEqual([id]);
  });

  it.each(REFUSED)("%s: is unavailable, and a retry makes one endpoint", async (_, fault) => {
    const arn = freshUserArn();
    const refused = await register(fault, request({}, arn), arn);
    expect(refused).toMatchObject({ status: 503, waits: ["1", "1000"] });
    expect(log.filter((line) => line.includes('"bug"'))).toEqual([]);

    const { status, id } = await register(healthy, request({}, arn), arn);
    expect(status).toBeLessThan(202);
    const { rows } = await stored(userNamed(objectName(arn)));
    expect(rows.map(({ endpointId }) => endpointId)).toEqual([id]);
  });

  it("of an older release than its rows: is unavailable, and changes nothing", async () => {
    const arn = freshUserArn();
    const { endpointId, ...row } = endpoint(1);
    const user = userNamed(objectName(arn));
    const key = `endpoint/${endpointId}`;
    await runInDurableObject(user, (_, { storage }) => storage.kv.put(key, { version: 2, ...row, from: "the future" }));
    expect(await register(healthy, request({}, arn), arn)).toMatchObject({ status: 503, waits: ["1", "1000"] });
    const kept = await runInDurableObject(user, (_, { storage }) => Array.from(storage.kv.list()));
    expect(kept).toEqual([[key, { version: 2, ...row, from: "the future" }]]);
  });

  it.each(["list", "put"] as const)(
    "unable to %s what it stores: is unavailable, and changes nothing",
    async (access) => {
      const arn = freshUserArn();
      const user = userNamed(objectName(arn));
      await failStorage(user, access);
      const refused = await register(healthy, request({}, arn), arn);
      expect(refused).toMatchObject({ status: 503, waits: ["1", "1000"] });
      expect(refused.text).not.toMatch(/disk|SQLITE/);
      expect(log.filter((line) => line.includes("storage_failed") && line.includes("SQLITE_IOERR"))).toHaveLength(1);
      expect(log.join()).not.toMatch(/device-1|request-1|arn:aws/);
      vi.restoreAllMocks();

      expect((await stored(user)).rows).toEqual([]);
      expect((await register(healthy, request({}, arn), arn)).status).toBeLessThan(202);
      expect((await stored(user)).rows).toHaveLength(1);
    },
  );
});

/** Every object of this runtime then fails to read or to write, until the mocks are restored. */
function failStorage(user: User, access: "list" | "put"): Promise<void> {
  return runInDurableObject(user, (_, { storage }) => {
    vi.spyOn(Object.getPrototypeOf(storage.kv), access).mockImplementation(() => {
      throw new Error("disk I/O error: SQLITE_IOERR");
    });
  });
}
