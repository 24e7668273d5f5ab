import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AllowMessages,
  type AppInstanceUserEndpoint,
  AppInstanceUserEndpointType,
  createRollcallClient,
  EndpointStatus,
} from "../../src/client/index.ts";
import { localToken } from "../../src/command/local.ts";
import { importEndpoints } from "../../src/transfer/import/import.ts";
import { readImportSettings } from "../../src/transfer/import/settings.ts";
import { run, runAndEnd } from "../support/command.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

const VARIABLES = { LOCAL_MODE: "true", SAME_DEVICE: "adopt", DEVICES: "move", CALLS_PER_CALLER: "1000000" };
const house = serveOnWorkerd(VARIABLES);
const otherHouse = serveOnWorkerd(VARIABLES);
const withoutDirectory = serveOnWorkerd();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-transfer-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let instances = 0;

/** An app instance that no other test has. */
function freshInstance(): string {
  return `arn:aws:chime:us-east-1:123456789012:app-instance/transfer-${process.pid}-${instances++}`;
}

function clientOf({ url }: { url: string }) {
  return createRollcallClient({ baseUrl: url, credentials: LOCAL_CREDENTIALS });
}

/** All endpoints of an app instance, in the order of users and tokens. */
async function endpointsAt(server: { url: string }, appInstanceArn: string): Promise<AppInstanceUserEndpoint[]> {
  const rollcall = clientOf(server);
  const found: AppInstanceUserEndpoint[] = [];
  for (let nextToken = "", isFirst = true; isFirst || nextToken !== ""; isFirst = false) {
    const page = await rollcall.listEndpointsByAppInstance({ appInstanceArn, nextToken, maxResults: 100 });
    const described = page.endpoints.map(({ appInstanceUserArn, endpointId }) =>
      rollcall.describeAppInstanceUserEndpoint({ appInstanceUserArn, endpointId }),
    );
    for (const { appInstanceUserEndpoint } of await Promise.all(described)) {
      found.push(appInstanceUserEndpoint ?? expect.fail("none"));
    }
    nextToken = page.nextToken;
  }
  const order = ({ appInstanceUserArn, endpointAttributes }: AppInstanceUserEndpoint) =>
    `${appInstanceUserArn} ${endpointAttributes?.deviceToken}`;
  return found.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** What moves house: all but ids and times, which are each server's own. */
function contentOf(endpoints: readonly AppInstanceUserEndpoint[]) {
  return endpoints.map(({ appInstanceUserArn, name, type, resourceArn, endpointAttributes, allowMessages }) => ({
    ...{ appInstanceUserArn, name, type, resourceArn, allowMessages },
    ...{ deviceToken: endpointAttributes?.deviceToken, voipDeviceToken: endpointAttributes?.voipDeviceToken },
  }));
}

/** Registers endpoints of many users, of every kind there is. */
async function settle(server: { url: string }, appInstanceArn: string, count: number): Promise<void> {
  const rollcall = clientOf(server);
  const numbers = Array.from({ length: count }, (_, number) => number).values();
  const { APNS, APNS_SANDBOX, GCM } = AppInstanceUserEndpointType;
  const workers = Array.from({ length: 16 }, async () => {
    for (const number of numbers) {
      await rollcall.registerAppInstanceUserEndpoint({
        appInstanceUserArn: `${appInstanceArn}/user/user ${number >> 1}`,
        ...{ resourceArn: RESOURCE_ARN, type: [APNS, APNS_SANDBOX, GCM][number % 3] ?? GCM },
        endpointAttributes: {
          deviceToken: `secret-${number}`,
          ...(number % 3 < 2 && { voipDeviceToken: `secret-voip-${number}` }),
        },
        ...(number % 4 === 0 && { name: `„phone“ ${number}` }),
        allowMessages: number % 5 === 0 ? AllowMessages.NONE : AllowMessages.ALL,
      });
    }
  });
  await Promise.all(workers);
}

function exporting(server: { url: string }, appInstanceArn: string, out: string): string[] {
  return ["scripts/transfer.ts", "export", "--url", server.url, "--app-instance-arn", appInstanceArn, "--out", out];
}

function importing(server: { url: string }, file: string, ...more: string[]): string[] {
  return ["scripts/transfer.ts", "import", "--url", server.url, "--per-second", "100000", ...more, file];
}

/** A copy of a fixture for one test, since what is kept of a run stands beside the file. */
function copyOf(fixture: string): string {
  const copy = join(folder, `${instances++}-${fixture}`);
  copyFileSync(join(FIXTURES, fixture), copy);
  return copy;
}

describe("an export", () => {
  it("imported into another server makes the same endpoints, and imported twice no more", async () => {
    const appInstanceArn = freshInstance();
    await settle(house, appInstanceArn, 60);
    const file = join(folder, "moving.jsonl");
    expect(await run(exporting(house, appInstanceArn, file))).toMatchObject({
      ...{ code: 0, stdout: "", stderr: "Wrote 60 endpoints.\n" },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.state`)).toBe(false);

    const moved = await run(importing(otherHouse, file, "--format", "export"));
    expect(moved).toMatchObject({ code: 0, stderr: "" });
    expect(moved.stdout).toMatch(
      /^60 endpoints read\.\n +60 registered\n +0 already there\n +0 left out\n +0 failed\n$/,
    );
    const before = await endpointsAt(house, appInstanceArn);
    const after = await endpointsAt(otherHouse, appInstanceArn);
    expect(contentOf(after)).toEqual(contentOf(before));

    // Whoever forgets that it was imported registers nothing twice either; the report goes by seconds.
    const again = await run(importing(otherHouse, file, "--format", "export"));
    expect(again.stderr).toMatch(/is imported already/);
    await setTimeout(4_000);
    rmSync(`${file}.state`);
    expect((await run(importing(otherHouse, file, "--format", "export"))).stdout).toMatch(
      / 0 registered\n +60 already there\n/,
    );
    expect(await endpointsAt(otherHouse, appInstanceArn)).toEqual(after);

    // Neither an export nor a file that was written to since goes on from there.
    const exported = await run(exporting(house, appInstanceArn, file));
    expect(exported.stderr).toMatch(/another url.*, or, where it has ended, remove .*\.state/);
    appendFileSync(file, "\n");
    expect((await run(importing(otherHouse, file, "--format", "export"))).stderr).toMatch(
      /another size.*where it has ended/,
    );
  });

  it("has everything of an endpoint, and one that is INACTIVE is left out by the import", async () => {
    const appInstanceArn = freshInstance();
    await settle(house, appInstanceArn, 2);
    const [dead, alive] = await endpointsAt(house, appInstanceArn);
    await clientOf(house).reportAppInstanceUserEndpointFailures({
      failures: [
        {
          ...{ appInstanceUserArn: dead?.appInstanceUserArn ?? "", endpointId: dead?.endpointId ?? "" },
          ...{ deviceToken: "secret-0", reason: "INVALID_DEVICE_TOKEN" },
          timestamp: { seconds: BigInt(Math.ceil(Date.now() / 1_000) + 60), nanos: 0 },
        },
      ],
    });
    const file = join(folder, "inactive.jsonl");
    await run(exporting(house, appInstanceArn, file));
    const lines = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const isoTime = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(lines.toSorted((a, b) => (a.EndpointId < b.EndpointId ? -1 : 1))).toEqual(
      [
        {
          ...{ AppInstanceUserArn: `${appInstanceArn}/user/user 0`, EndpointId: dead?.endpointId, Type: "APNS" },
          ...{ Name: "„phone“ 0", ResourceArn: RESOURCE_ARN, AllowMessages: "NONE" },
          EndpointAttributes: { DeviceToken: "secret-0", VoipDeviceToken: "secret-voip-0" },
          EndpointState: { Status: "INACTIVE", StatusReason: "INVALID_DEVICE_TOKEN" },
          ...{ CreatedTimestamp: isoTime, LastUpdatedTimestamp: isoTime, DeviceTokenTimestamp: isoTime },
        },
        {
          ...{
            AppInstanceUserArn: `${appInstanceArn}/user/user 0`,
            EndpointId: alive?.endpointId,
            Type: "APNS_SANDBOX",
          },
          ...{ ResourceArn: RESOURCE_ARN, AllowMessages: "ALL" },
          EndpointAttributes: { DeviceToken: "secret-1", VoipDeviceToken: "secret-voip-1" },
          EndpointState: { Status: "ACTIVE" },
          ...{ CreatedTimestamp: isoTime, LastUpdatedTimestamp: isoTime, DeviceTokenTimestamp: isoTime },
        },
      ].toSorted((a, b) => (`${a.EndpointId}` < `${b.EndpointId}` ? -1 : 1)),
    );

    const renamed = freshInstance();
    const { stdout } = await run(importing(otherHouse, file, "--format", "export", "--app-instance-arn", renamed));
    expect(stdout).toMatch(/ 1 registered\n[\s\S]* 1 left out\n +1 {3}INACTIVE \(line \d\)\n/);
    expect(await endpointsAt(otherHouse, renamed)).toMatchObject([
      { appInstanceUserArn: `${renamed}/user/user 0`, endpointAttributes: { deviceToken: "secret-1" } },
    ]);
  });

  it("that was killed goes on where it was, even after a page that was half written", async () => {
    const appInstanceArn = freshInstance();
    await settle(house, appInstanceArn, 220);
    const file = join(folder, "killed.jsonl");
    const written = () =>
      existsSync(`${file}.state`) ? JSON.parse(readFileSync(`${file}.state`, "utf8")).state.written : 0;
    expect(await runAndEnd(exporting(house, appInstanceArn, file), () => written() > 0)).toMatchObject({ code: null });
    const before = written();
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(220);
    appendFileSync(file, '{"AppInstanceUserArn":"arn:aws:ch');

    // Of another app instance it is not gone on with.
    expect((await run(exporting(house, freshInstance(), file))).stderr).toMatch(/another appInstanceArn/);
    expect((await run(exporting(house, appInstanceArn, file))).stderr).toBe("Wrote 220 endpoints.\n");
    const lines = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(new Set(lines.map(({ EndpointAttributes }) => EndpointAttributes.DeviceToken)).size).toBe(220);
    expect(lines).toHaveLength(220);
    expect(existsSync(`${file}.state`)).toBe(false);

    const overwriting = await run(exporting(house, appInstanceArn, file));
    expect(overwriting).toMatchObject({ code: 2, stderr: expect.stringMatching(/is there already/) });
  });

  it("goes to standard output where no file is named", async () => {
    const appInstanceArn = freshInstance();
    await settle(house, appInstanceArn, 3);
    const { code, stdout, stderr } = await run(exporting(house, appInstanceArn, "").slice(0, -2));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "Wrote 3 endpoints.\n" });
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).ResourceArn),
    ).toEqual(Array(3).fill(RESOURCE_ARN));
  });

  it("says what is missing at a server without a Directory", async () => {
    const file = join(folder, "none.jsonl");
    const { code, stderr } = await run(exporting(withoutDirectory, freshInstance(), file));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Stopped\. The server keeps no Directory of devices.* Set DEVICES/);
  });
});

describe("an import", () => {
  const RESOURCE = ["--resource-arn", RESOURCE_ARN];

  it("of what Pinpoint exported registers who can be registered, and says of the others why not", async () => {
    const appInstanceArn = freshInstance();
    const file = copyOf("pinpoint-endpoints.jsonl");
    const args = ["--format", "pinpoint", "--app-instance-arn", appInstanceArn, ...RESOURCE];
    const { code, stdout, stderr } = await run(importing(house, file, ...args));
    expect(code).toBe(1);
    expect(stdout.split("\n").map((line) => line.trim())).toEqual([
      "12 endpoints read.",
      ...["4 registered", "0 already there", "5 left out"],
      "1   EMAIL is no channel that can be registered (line 6)",
      "1   SMS is no channel that can be registered (line 7)",
      "1   APNS_VOIP is no channel that can be registered (line 8)",
      "1   INACTIVE (line 9)",
      "1   it has no User.UserId (line 10)",
      "3 failed",
      "1   it is no JSON (line 11)",
      "1   it has no Id or no Address (line 12)",
      expect.stringMatching(/^1 {3}appInstanceUserArn: .* \(line 13\)$/),
      "",
    ]);
    expect(stderr).toMatch(/^line 11: it is no JSON\nline 12: .*\nline 13: appInstanceUserArn: .*\n$/);
    expect(stdout + stderr).not.toMatch(/pinpoint-token|frank|alice|00fc13/);
    const { APNS, APNS_SANDBOX, GCM } = AppInstanceUserEndpointType;
    const registered = (
      user: string,
      type: number,
      deviceToken: string,
      allowMessages: number = AllowMessages.ALL,
    ) => ({
      appInstanceUserArn: `${appInstanceArn}/user/${user}`,
      ...{ type, resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken }, allowMessages },
      endpointState: { status: EndpointStatus.ACTIVE },
    });
    expect(await endpointsAt(house, appInstanceArn)).toMatchObject([
      registered("alice", GCM, "pinpoint-token-of-alice"),
      registered("bob", APNS, "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0", AllowMessages.NONE),
      registered("carol", APNS_SANDBOX, "pinpoint-token-of-a-developer"),
      registered("dora", APNS_SANDBOX, "pinpoint-token-of-another"),
    ]);
  });

  it("registers by the id that an endpoint had, or by a hash of it", async () => {
    const appInstanceArn = freshInstance();
    const args = ["--format", "pinpoint", "--app-instance-arn", appInstanceArn, ...RESOURCE];
    await run(importing(house, copyOf("pinpoint-endpoints.jsonl"), ...args));
    const hash = createHash("sha256").update("an id that is no request token/2").digest("hex");
    for (const [user, clientRequestToken] of [
      ["alice", "example_endpoint-1"],
      ["bob", hash],
    ] as const) {
      const registration = clientOf(house).registerAppInstanceUserEndpoint({
        appInstanceUserArn: `${appInstanceArn}/user/${user}`,
        ...{ resourceArn: RESOURCE_ARN, type: AppInstanceUserEndpointType.GCM, clientRequestToken },
        endpointAttributes: { deviceToken: "another" },
      });
      await expect(registration).rejects.toMatchObject({ failure: { reason: "REQUEST_TOKEN_REUSED" } });
    }
  });

  it("of SNS's listing takes the user from where it is told", async () => {
    const appInstanceArn = freshInstance();
    const file = copyOf("sns-endpoints.json");
    const args = ["--format", "sns", "--app-instance-arn", appInstanceArn, ...RESOURCE];
    const { stdout, stderr } = await run(importing(house, file, ...args, "--user-from", "CustomUserData.user.id"));
    expect(stdout.split("\n").map((line) => line.trim())).toEqual([
      "5 endpoints read.",
      ...["1 registered", "0 already there", "3 left out"],
      "1   not Enabled (line 11)",
      "1   it has no CustomUserData.user.id (line 19)",
      "1   ADM is no channel that can be registered (line 26)",
      "1 failed",
      "1   it has no Token (line 34)",
      "",
    ]);
    expect(stderr).toBe("line 34: it has no Token\n");
    expect(await endpointsAt(house, appInstanceArn)).toMatchObject([
      { appInstanceUserArn: `${appInstanceArn}/user/alice`, endpointAttributes: { deviceToken: "sns-token-of-alice" } },
    ]);

    const muting = ["--user-from", "CustomUserData.user.id", "--disabled", "mute"];
    rmSync(`${file}.state`);
    await run(importing(house, file, ...args, ...muting));
    expect(await endpointsAt(house, appInstanceArn)).toMatchObject([
      { allowMessages: AllowMessages.ALL },
      { appInstanceUserArn: `${appInstanceArn}/user/bob`, allowMessages: AllowMessages.NONE },
    ]);
  });

  it("that is dry calls nothing, needs no credentials, and says what would be done", async () => {
    const appInstanceArn = freshInstance();
    const file = copyOf("pinpoint-endpoints.jsonl");
    const args = ["--dry-run", "--format", "pinpoint", "--app-instance-arn", appInstanceArn, ...RESOURCE];
    const { code, stdout } = await run(importing(house, file, ...args), {});
    expect(code).toBe(1);
    expect(stdout).toMatch(/^12 endpoints read\. Nothing was called\.\n +4 would be registered.*\n +5 left out\n/);
    expect(await endpointsAt(house, appInstanceArn)).toEqual([]);
    expect(existsSync(`${file}.state`)).toBe(false);
  });

  it("ends when it is told to, in the middle of a call, and a dry run too", async () => {
    let isAsked = false;
    const silent = createServer(() => {
      isAsked = true;
    }).listen(0);
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const file = copyOf("pinpoint-endpoints.jsonl");
    const args = ["--format", "pinpoint", "--app-instance-arn", freshInstance(), ...RESOURCE];
    const told = await runAndEnd(importing({ url }, file, ...args), () => isAsked, "SIGTERM");
    silent.closeAllConnections();
    silent.close();
    expect(told).toMatchObject({ code: 1, stdout: "", stderr: "Stopped. It was told to end.\n" });

    const doing = { register: async () => ({ kind: "registered" }) as const, state: undefined };
    const record = async function* () {
      yield { line: 1, text: "{}" };
    };
    const mapping = { format: "export", appInstanceArn: undefined } as const;
    await expect(importEndpoints(record(), mapping, doing, AbortSignal.abort())).rejects.toThrow(/told to end/);
  });

  it("goes at its own pace", async () => {
    const file = copyOf("pinpoint-endpoints.jsonl");
    const args = ["--format", "pinpoint", "--app-instance-arn", freshInstance(), ...RESOURCE, "--per-second", "2"];
    const startedAt = performance.now();
    await run(importing(house, file, ...args));
    expect(performance.now() - startedAt).toBeGreaterThan(1_500);
  });

  it("calls with a bearer token where there is one", async () => {
    const appInstanceArn = "arn:aws:chime:us-east-1:123456789012:app-instance/of-one";
    const args = ["--format", "sns", "--app-instance-arn", appInstanceArn, ...RESOURCE];
    const from = ["--user-from", "CustomUserData.user.id"];
    const token = { ROLLCALL_TOKEN: await localToken("alice") };
    const { stdout } = await run(
      importing(house, copyOf("sns-endpoints.json"), ...args, ...from, "--disabled", "mute"),
      token,
    );
    expect(stdout).toMatch(/ 1 registered\n[\s\S]* NOT_AUTHORIZED \(line 11\)\n/);
  });

  it("stops where nobody gets in, and repeats no secret", async () => {
    const file = copyOf("pinpoint-endpoints.jsonl");
    const args = ["--format", "pinpoint", "--app-instance-arn", freshInstance(), ...RESOURCE];
    const wrong = { AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: "a-wrong-secret" };
    const refused = await run(importing(house, file, ...args), wrong);
    expect(refused).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^Stopped\. SIGNATURE_REFUSED: /),
    });
    expect(refused.stderr).not.toContain("a-wrong-secret");
    const withPassword = { url: "http://user:a-password@localhost:1" };
    expect(await run(importing(withPassword, file, ...args))).toMatchObject({
      ...{ code: 2, stderr: expect.stringMatching(/^--url is not good: (?!.*a-password)/) },
    });
    expect((await run(importing(house, file, ...args), {})).stderr).toMatch(/^There are no credentials to call with\./);
    expect(existsSync(`${file}.state`)).toBe(false);
  });

  it.each([
    [["--format", "pinpoint"], /--format pinpoint needs --app-instance-arn and --resource-arn/],
    [["--format", "sns", "--app-instance-arn", "a", "--resource-arn", "b"], /--format sns needs --user-from/],
    [["--format", "csv"], /--format must be export, pinpoint or sns/],
    [["--format", "export", "--resource-arn", "b"], /leave out --resource-arn/],
    [["--format", "export", "--per-second", "0"], /--per-second must be a number above 0/],
    [["--format", "export", "another.jsonl"], /One FILE must be given/],
    [["--secret", "s"], /Unknown option '--secret'/],
  ])("with %j says what is wrong", (args, words) => {
    expect(() => readImportSettings(["--url", "http://localhost:8787", ...args, "file.jsonl"])).toThrow(words);
  });

  it("of a file that is not there says so", async () => {
    const { code, stderr } = await run(importing(house, join(folder, "no-file.jsonl"), "--format", "export"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ENOENT: .*no-file\.jsonl/);
  });
});
