import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { CALLERS, type Caller, grpcJs } from "../support/callers.ts";
import { gatewayTo } from "../support/gateway.ts";
import { RESOURCE_ARN } from "../support/requests.ts";

const data = mkdtempSync(join(tmpdir(), "rollcall-gateway-kill-"));
let workerd: Workerd | undefined;
beforeAll(async () => {
  workerd = await start(0);
});
afterAll(async () => {
  await workerd?.stop();
  rmSync(data, { recursive: true });
});
const gateway = gatewayTo(() => workerd?.url ?? "");

function start(port: number): Promise<Workerd> {
  const variables = { LOCAL_MODE: "true", OPERATION_RATE_PER_SECOND: "1000" };
  return startWorkerd({ bundle: WORKER_BUNDLE, data, port, variables });
}

/** gRPC's own retries: as often as it allows, when the server is unavailable. */
const RETRYING = JSON.stringify({
  methodConfig: [
    {
      name: [{ service: "rollcall.v1.AppInstanceUserEndpointService" }],
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: "0.1s",
        maxBackoff: "1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
});

const CLIENTS: Record<string, (url: string) => Caller> = {
  ...Object.fromEntries(Object.entries(CALLERS).filter(([name]) => !name.startsWith("buf"))),
  "grpc-js, retrying": (url) => grpcJs(url, { "grpc.service_config": RETRYING }),
};

const IN_PARALLEL = 4;
const BEFORE_KILL = 25;
const AFTER_RETURN = 25;

/** Registers one user after another until it is told to stop, and tells what each call came to. */
async function registerOn(caller: Caller, mayStop: (ended: number) => boolean) {
  const told: Record<string, number> = {};
  const registered = new Map<string, string>();
  let ended = 0;
  async function inTurn(): Promise<void> {
    while (!mayStop(ended)) {
      const user = crypto.randomUUID();
      const appInstanceUserArn = `arn:aws:chime:us-east-1:123456789012:app-instance/kill/user/${user}`;
      const request = {
        appInstanceUserArn,
        resourceArn: RESOURCE_ARN,
        type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
        endpointAttributes: { deviceToken: "device-1" },
        clientRequestToken: "request-1",
      };
      const options = { authorization: `Bearer ${await localToken(user)}`, timeoutMs: 20_000 };
      const outcome = await caller("RegisterAppInstanceUserEndpoint", request, options);
      const kind = "details" in outcome ? `${outcome.code} ${reasonOf(outcome.details)}` : "ok";
      told[kind] = (told[kind] ?? 0) + 1;
      ended++;
      if ("response" in outcome) {
        registered.set(appInstanceUserArn, outcome.response.endpointId as string);
      }
    }
  }
  const done = Promise.all(Array.from({ length: IN_PARALLEL }, inTurn));
  return { told, registered, ended: () => ended, done };
}

function reasonOf(details: readonly { type: string; value: Uint8Array }[]): string {
  const info = details.find(({ type }) => type === "google.rpc.ErrorInfo");
  return info === undefined ? "without a reason" : fromBinary(ErrorInfoSchema, info.value).reason;
}

it("a kill of the server in the middle of calls is told as unavailable, and nothing that was acknowledged is lost", {
  // What is waited for may together take half a minute thrice.
  timeout: 180_000,
}, async () => {
  const { url } = workerd as Workerd;
  let back = Number.POSITIVE_INFINITY;
  const players = await Promise.all(
    Object.entries(CLIENTS).map(async ([name, callerAt]) => {
      const player = await registerOn(callerAt(gateway.url), () => performance.now() > back);
      return [name, player] as const;
    }),
  );
  await expect
    .poll(() => players.every(([, { ended }]) => ended() >= BEFORE_KILL), { timeout: 30_000, interval: 5 })
    .toBe(true);
  await workerd?.stop("SIGKILL");
  const killed = performance.now();
  await expect
    .poll(() => players.every(([name, { told }]) => name.includes("retrying") || Object.keys(told).length > 1), {
      timeout: 30_000,
    })
    .toBe(true);
  workerd = await start(Number(new URL(url).port));
  const goneMs = performance.now() - killed;
  const atReturn = players.map(([, { told }]) => told.ok ?? 0);
  await expect
    .poll(() => players.every(([, { told }], n) => (told.ok ?? 0) >= (atReturn[n] ?? 0) + AFTER_RETURN), {
      timeout: 30_000,
    })
    .toBe(true);
  back = performance.now();
  await Promise.all(players.map(([, { done }]) => done));

  console.log(`the server was gone for ${Math.round(goneMs)} ms; of what they registered all is there:`);
  for (const [name, { told }] of players) {
    console.log(name, told);
    expect(Object.keys(told).toSorted()).toEqual(
      name.includes("retrying") ? ["ok"] : ["ok", "unavailable UPSTREAM_UNREACHABLE"],
    );
  }
  expect(gateway.lines.filter((line) => line.includes('"event":"bug"'))).toEqual([]);

  // One who may see everyone's: what was acknowledged is there, once.
  const list = CALLERS["grpc-js"]?.(gateway.url) ?? expect.fail();
  for (const [, { registered }] of players) {
    for (const [appInstanceUserArn, endpointId] of registered) {
      const authorization = `Bearer ${await localToken(appInstanceUserArn.split("/").at(-1) ?? "")}`;
      const page = await list("ListAppInstanceUserEndpoints", { appInstanceUserArn }, { authorization });
      expect(page).toMatchObject({ code: "ok", response: { appInstanceUserEndpoints: [{ endpointId }] } });
    }
  }
});
