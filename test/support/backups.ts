/** Servers on folders that are copied to and from, and what is registered there. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect } from "vitest";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "./build.ts";
import { run } from "./command.ts";
import { freshUserArn } from "./requests.ts";
import { restRegister, send, type WireRequest } from "./wire.ts";

export const VARIABLES = {
  LOCAL_MODE: "true",
  OPERATION_RATE_PER_SECOND: "1000",
  OPERATION_BURST: "10000",
  SAME_DEVICE: "adopt",
  DEVICES: "move",
};

const folder = mkdtempSync(join(tmpdir(), "rollcall-backup-"));
afterAll(() => rmSync(folder, { recursive: true }));

let names = 0;
/** A folder that is not there yet. */
export function fresh(): string {
  names++;
  return join(folder, String(names));
}

const running = new Set<Workerd>();
afterEach(async () => {
  await Promise.all(Array.from(running, (workerd) => workerd.stop()));
  running.clear();
});

export async function served(data: string, variables: Record<string, string> = VARIABLES): Promise<Workerd> {
  const workerd = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables });
  running.add(workerd);
  return workerd;
}

export async function stopped(workerd: Workerd, signal?: NodeJS.Signals): Promise<void> {
  running.delete(workerd);
  await workerd.stop(signal);
}

export const backUp = (data: string, backup: string) => run(["scripts/serve.ts", "--data", data, "--backup", backup]);
export const restore = (data: string, backup: string) => run(["scripts/serve.ts", "--data", data, "--restore", backup]);

/** An endpoint of one user. */
export interface Endpoint {
  readonly arn: string;
  readonly id: string;
}

export async function register(
  url: string,
  deviceToken: string,
  arn = freshUserArn(),
  name?: string,
): Promise<Endpoint> {
  const members = {
    EndpointAttributes: { DeviceToken: deviceToken },
    ClientRequestToken: crypto.randomUUID(),
    ...(name !== undefined && { Name: name }),
  };
  const { status, text } = await send(url, restRegister(members, arn));
  expect([status, text]).toEqual([201, expect.anything()]);
  return { arn, id: JSON.parse(text).EndpointId };
}

export function about({ arn, id }: Endpoint, method: string, body: object | null = null): WireRequest {
  const path = `/app-instance-users/${encodeURIComponent(arn)}/endpoints/${id}`;
  const headers = body === null ? {} : { "content-type": "application/json" };
  return { method, path, headers: headers as Record<string, string>, body: body && JSON.stringify(body) };
}

export async function describedBy(url: string, endpoint: Endpoint) {
  const { status, text } = await send(url, about(endpoint, "GET"));
  return status === 200 ? JSON.parse(text).AppInstanceUserEndpoint : status;
}
