import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createRollcallClient } from "../../src/client/index.ts";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";

const USERS = 200;
const KILLED_AFTER = 50;

const data = mkdtempSync(join(tmpdir(), "rollcall-restart-"));
let workerd: Workerd | undefined;
afterAll(async () => {
  await workerd?.stop();
  rmSync(data, { recursive: true });
});

function start(port: number): Promise<Workerd> {
  return startWorkerd({ bundle: WORKER_BUNDLE, data, port, variables: { LOCAL_MODE: "true" } });
}

it("every registration is made once by a client whose server is killed in the middle of them, and comes back", async () => {
  workerd = await start(0);
  const { url } = workerd;
  let lost = 0;
  const client = createRollcallClient({
    baseUrl: url,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 50,
    fetch: (input, init) =>
      fetch(input, init).catch((error) => {
        lost++;
        throw error;
      }),
  });
  const users = Array.from({ length: USERS }, freshUserArn);
  const waiting = [...users];
  const registered = new Map<string, string>();

  async function registerInTurn(): Promise<void> {
    for (let arn = waiting.pop(); arn !== undefined; arn = waiting.pop()) {
      const device = { resourceArn: RESOURCE_ARN, type: 3, endpointAttributes: { deviceToken: "device-1" } };
      const { endpointId } = await client.registerAppInstanceUserEndpoint({ appInstanceUserArn: arn, ...device });
      registered.set(arn, endpointId);
      if (registered.size === KILLED_AFTER) {
        await workerd?.stop("SIGKILL");
        workerd = await start(Number(new URL(url).port));
      }
    }
  }

  await Promise.all(Array.from({ length: 8 }, registerInTurn));
  expect(lost).toBeGreaterThan(0);
  for (const arn of users) {
    const page = await client.listAppInstanceUserEndpoints({ appInstanceUserArn: arn });
    expect(page.appInstanceUserEndpoints.map(({ endpointId }) => endpointId)).toEqual([registered.get(arn)]);
  }
});
