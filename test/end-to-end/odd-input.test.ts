import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { CONNECT_PATH, connectRegister, restRegister, send, type WireRequest } from "../support/wire.ts";

// On bare workerd: through wrangler, so many calls take four times as long.
let server: Workerd;
let lines = "";
beforeAll(async () => {
  server = await startTemporaryWorkerd(WORKER_BUNDLE, { lines: "pipe" });
  for (const stream of [server.process.stdout, server.process.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      lines += chunk;
    });
  }
  // The line of the call that found it up.
  await vi.waitUntil(() => linesWritten() === 1, { timeout: 30_000 });
});
afterAll(() => server.stop());

function linesWritten(): number {
  return lines.match(/"requestId"/g)?.length ?? 0;
}

/** Stands in every request where a device token would, and may come back in no answer and no log. */
const SECRET = "c0ffee5ecre7";
const RUNS = 250;

const SERVICE = CONNECT_PATH.replace(/\/\w+$/, "");
const json = "application/json";
const wires = fc.constantFrom<Pick<WireRequest, "path" | "headers">>(
  { path: restRegister().path, headers: { "content-type": json } },
  { path: CONNECT_PATH, headers: { "content-type": json } },
  { path: CONNECT_PATH, headers: { "content-type": "application/proto" } },
  { path: CONNECT_PATH, headers: { "content-type": "application/grpc-web+proto" } },
  { path: CONNECT_PATH, headers: { "content-type": "application/grpc-web+json" } },
  { path: "/app-instance-user-endpoints/resolve", headers: { "content-type": json } },
  { path: "/app-instance-user-endpoints/failures", headers: { "content-type": json } },
  { path: `${SERVICE}/ResolveAppInstanceUserEndpoints`, headers: { "content-type": "application/proto" } },
  { path: `${SERVICE}/ReportAppInstanceUserEndpointFailures`, headers: { "content-type": json } },
);

const bytes = fc.uint8Array({ maxLength: 300 }).map((random) => new Uint8Array([...random, ...Buffer.from(SECRET)]));

const jsonText = fc.jsonValue({ maxDepth: 4 }).map((value) =>
  JSON.stringify({
    ...{ EndpointAttributes: value, endpointAttributes: { deviceToken: value }, name: [SECRET] },
    ...{ AppInstanceUserArns: value, ResourceArn: SECRET },
    ...{ Failures: [{ Timestamp: value, Reason: SECRET }, SECRET], failures: [{ timestamp: value }, [SECRET]] },
  }),
);

/** A valid registration with one piece replaced: of any kind, anywhere. */
const mutated = fc
  .tuple(fc.boolean(), fc.nat(), fc.nat(8), fc.string({ unit: "binary" }))
  .map(([rest, at, length, inserted]) => {
    const request = rest
      ? restRegister({ EndpointAttributes: { DeviceToken: SECRET } })
      : connectRegister({ endpointAttributes: { deviceToken: SECRET } });
    const text = String(request.body);
    const start = at % text.length;
    return { ...request, body: text.slice(0, start) + inserted + text.slice(start + length) };
  });

const mutatedPath = fc.tuple(fc.nat(), fc.webPath()).map(([at, inserted]) => {
  const request = restRegister({ EndpointAttributes: { DeviceToken: SECRET } });
  const start = at % request.path.length;
  return {
    ...request,
    path: `/${(request.path.slice(0, start) + inserted + request.path.slice(start)).replace(/^\/+/, "")}`,
  };
});

const requests: Record<string, fc.Arbitrary<WireRequest>> = {
  "random bytes": fc.tuple(wires, bytes).map(([wire, body]) => ({ method: "POST", ...wire, body })),
  "random JSON": fc.tuple(wires, jsonText).map(([wire, body]) => ({ method: "POST", ...wire, body })),
  "a valid request with a piece replaced": mutated,
  "a valid request with a piece put into its path": mutatedPath,
};

describe.each(Object.entries(requests))("%s", (name, arbitrary) => {
  it("never breaks the server, and never comes back in an answer or a log", async () => {
    const statuses = new Map<number, number>();
    lines = "";
    await fc.assert(
      fc.asyncProperty(arbitrary, async (request) => {
        const { status, text } = await send(server.url, request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status === 501 || status < 500).toBe(true);
        expect(text).not.toContain(SECRET);
      }),
      { numRuns: RUNS },
    );
    console.log(`${name}: ${RUNS} calls, answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`);
    await expect.poll(linesWritten, { timeout: 10_000 }).toBe(RUNS);
    expect(lines).not.toContain(SECRET);
  });
});
