import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppInstanceUserEndpointType, createRollcallClient } from "../../src/client/index.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { SENDER_EXAMPLE } from "../support/sender-example.ts";
import { serveOnWorkerd } from "../support/workerd.ts";
import { type Google, startGoogle } from "./google.ts";
import { type Behaviour, fcmError, type PushService, serveApns } from "./push-services.ts";
import { type DeviceResult, type SenderService, startSender } from "./sender-service.ts";

const run = promisify(execFile);
const server = serveOnWorkerd();
const INSTANCE = `arn:aws:chime:us-east-1:123456789012:app-instance/${crypto.randomUUID()}`;
const SECRET = "a-secret-of-the-sender";

const APNS_OK: Behaviour = { status: 200 };
const FCM_OK: Behaviour = { status: 200, body: { name: "projects/demo/messages/1" } };
const busy = (retryAfter: number): Behaviour => {
  return { ...fcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), retryAfter };
};

describe("examples/sender", () => {
  /** What APNs and FCM answer, one after the other, and then the last of them; and what they were sent. */
  let answers: { apns: Behaviour[]; fcm: Behaviour[] };
  let received: string[];
  let folder: string;
  let apns: PushService;
  let google: Google;
  let sender: SenderService;

  const next = (service: "apns" | "fcm", ok: Behaviour): Behaviour => {
    const behaviour = answers[service].length > 1 ? answers[service].shift() : answers[service][0];
    received.push(service);
    return behaviour ?? ok;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "rollcall-sender-"));
    apns = await serveApns(() => next("apns", APNS_OK));
    google = await startGoogle(folder, () => next("fcm", FCM_OK));
    sender = await startSender({
      ...{ rollcallUrl: server.url, appInstanceArn: INSTANCE, apnsPort: apns.port, folder },
      env: { ...google.env, SENDER_SECRET: SECRET },
    });
  });
  afterAll(async () => {
    await sender.stop();
    google.close();
    apns.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    answers = { apns: [], fcm: [] };
    received = [];
  });

  it("type-checks", async () => {
    await run("npm", ["run", "--silent", "check"], { cwd: SENDER_EXAMPLE });
  });

  describe("its README", () => {
    const PAGE = "examples/sender/README.md";

    it("answers as printed", async () => {
      await register("alice", "GCM", "token-of-curl", "arn:aws:chime:us-east-1:123456789012:app-instance/demo");
      const { code, answer } = exampleOf(PAGE, "sh", "npm ci");
      // It is built and installed.
      const [, commands = ""] = at(server.url, code).split("npm ci\n");
      const { stdout } = await run("bash", ["-e", "-c", commands], { cwd: SENDER_EXAMPLE });
      expect(withoutIds(stdout)).toBe(withoutIds(answer));
    });

    it("has a request that is understood", async () => {
      const [, request = ""] = /'(.*)'/s.exec(exampleOf(PAGE, "sh", "curl").code) ?? [];
      const response = await sender.ask({ ...JSON.parse(request), users: [await registered("APNS")] }, SECRET);
      expect([response.status, outcomesOf(await response.json())]).toEqual([200, ["sent"]]);
    });
  });

  describe("of what FCM or APNs did not take for sure", () => {
    it.each<[string, Partial<typeof answers>, string[]]>([
      [
        "sends again after APNs's 429 and 503",
        { apns: [refused(429), refused(503), APNS_OK] },
        ["apns", "apns", "apns"],
      ],
      ["sends again after FCM's 429, as late as that says", { fcm: [busy(1), FCM_OK] }, ["fcm", "fcm"]],
    ])("%s", async (_, given, expected) => {
      answers = { ...answers, ...given };
      const [device] = await pushTo(await registered(expected[0] === "apns" ? "APNS" : "GCM"));
      expect([device?.outcome, received]).toEqual(["sent", expected]);
    });

    it("leaves to whoever asks what is to wait for long, and sends it when it is asked for again", async () => {
      const user = await registered("APNS", "GCM");
      answers.fcm = [busy(3_600), FCM_OK];
      const request = { id: crypto.randomUUID(), users: [user], message: { title: "Hi" } };
      const first = await sender.ask(request, SECRET);
      expect([first.status, first.headers.get("retry-after")]).toEqual([503, "10"]);
      expect(outcomesOf(await first.json())).toEqual(["sent", "not_taken"]);
      const second = await sender.ask(request, SECRET);
      expect([second.status, outcomesOf(await second.json())]).toEqual([200, ["sent", "sent"]]);
      expect(received.toSorted()).toEqual(["apns", "fcm", "fcm"]);
    });
  });

  describe("never sends again what may have been taken", () => {
    it.each<[string, "APNS" | "GCM", Behaviour]>([
      ["APNs loses the connection", "APNS", "lost"],
      ["APNs has an error of its own", "APNS", refused(500)],
      ["FCM loses the connection", "GCM", "lost"],
      ["FCM has an error of its own", "GCM", fcmError(500, "INTERNAL", "INTERNAL")],
      ["FCM is unavailable, by which it has delivered before", "GCM", fcmError(503, "UNAVAILABLE", "UNAVAILABLE")],
    ])("when %s", async (_, type, answer) => {
      const user = await registered(type);
      const [service, ok] = type === "APNS" ? (["apns", APNS_OK] as const) : (["fcm", FCM_OK] as const);
      answers[service] = [answer, ok];
      const request = { id: crypto.randomUUID(), users: [user], message: { title: "Hi" } };
      for (const _again of [1, 2]) {
        const response = await sender.ask(request, SECRET);
        expect([response.status, outcomesOf(await response.json())]).toEqual([200, ["unknown"]]);
      }
      expect(received).toEqual([service]);
    });
  });

  it("sends once to a phone that two users have", async () => {
    const deviceToken = crypto.randomUUID().replaceAll("-", "");
    const users = [await registered(), await registered()];
    for (const user of users) {
      await register(user, "APNS", deviceToken);
    }
    const response = await sender.ask({ id: crypto.randomUUID(), users, message: { title: "Hi" } }, SECRET);
    expect([outcomesOf(await response.json()), received]).toEqual([["sent", "sent"], ["apns"]]);
  });

  it("sends nothing in a dry run, and nothing that has expired", async () => {
    const user = await registered("APNS");
    const ask = async (more: object, message = {}) => {
      const request = { id: crypto.randomUUID(), users: [user], message: { title: "Hi", ...message }, ...more };
      return outcomesOf(await (await sender.ask(request, SECRET)).json());
    };
    expect(await ask({ dryRun: true })).toEqual(["would_be_sent"]);
    expect(await ask({}, { expiresAt: new Date().toISOString() })).toEqual(["expired"]);
    expect(received).toEqual([]);
  });

  it("refuses what it can't read, and whoever has not the secret", async () => {
    const request = { id: "1", users: ["nobody"], message: { title: "Hi" } };
    const typo = { ...request, message: { title: "Hi", colapseId: "1" } };
    const half = { ...request, users: ["\ud800"] };
    const asked = [
      sender.ask(typo, SECRET),
      sender.ask(half, SECRET),
      sender.ask(request),
      sender.ask(request, "another"),
    ];
    const answered = await Promise.all(asked);
    expect(answered.map(({ status }) => status)).toEqual([400, 400, 401, 401]);
    expect(await answered[0]?.text()).toContain("colapseId");
    expect(await answered[1]?.text()).toContain("half of a character");
  });

  it("ends what is on its way when it is stopped", async () => {
    const user = await registered("GCM");
    answers.fcm = [busy(1), FCM_OK];
    const other = await startSender({
      ...{ rollcallUrl: server.url, appInstanceArn: INSTANCE, apnsPort: apns.port, folder, env: google.env },
    });
    const asked = other.ask({ id: crypto.randomUUID(), users: [user], message: { title: "Hi" } });
    await expect.poll(() => received).toEqual(["fcm"]);
    expect([await other.stop(), (await asked).status, received]).toEqual([0, 200, ["fcm", "fcm"]]);
  });

  /** A user with devices of these types, by its id. */
  async function registered(...types: ("APNS" | "GCM")[]): Promise<string> {
    const user = crypto.randomUUID();
    for (const type of types) {
      await register(user, type, crypto.randomUUID().replaceAll("-", ""));
    }
    return user;
  }

  async function register(user: string, type: "APNS" | "GCM", deviceToken: string, instance = INSTANCE): Promise<void> {
    const rollcall = createRollcallClient({ baseUrl: server.url, credentials: LOCAL_CREDENTIALS });
    await rollcall.registerAppInstanceUserEndpoint({
      ...{ appInstanceUserArn: `${instance}/user/${user}`, type: AppInstanceUserEndpointType[type] },
      ...{ resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken } },
    });
  }

  async function pushTo(user: string): Promise<readonly DeviceResult[]> {
    const request = { id: crypto.randomUUID(), users: [user], message: { title: "Hi" } };
    const { users } = await sender.push(request, SECRET);
    return users[0]?.devices ?? [];
  }
});

function refused(status: number): Behaviour {
  const reason = { 429: "TooManyRequests", 500: "InternalServerError", 503: "ServiceUnavailable" }[status];
  return { status, body: { reason } };
}

function outcomesOf({ users }: { users: { devices: DeviceResult[] }[] }): string[] {
  return users.flatMap(({ devices }) => devices.map(({ outcome }) => outcome));
}
