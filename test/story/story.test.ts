import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResolvedEndpoint } from "../../src/client/senders.ts";
import { apns2 } from "../senders/libraries.ts";
import { blaming, fcmError } from "../senders/push-services.ts";
import { missingForSimulator } from "../support/apns-simulator.ts";
import { type Data, eventsIn } from "../support/receiver.ts";
import { startPython } from "./programs.ts";
import { type Stage, setStage } from "./stage.ts";

const ACTIVE = { Status: "ACTIVE" };
const DEAD = { Status: "INACTIVE", StatusReason: "INVALID_DEVICE_TOKEN" };

const missing = missingForSimulator();

describe.skipIf(missing !== undefined)(`the whole loop${missing ? `, which needs ${missing}` : ""}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage?.stop());

  it("from the phones that register to the user who is erased", async () => {
    scene("alice registers a phone and a tablet, by boto3");
    const phone = await stage.register("alice", "APNS", "phone");
    const tablet = await stage.register("alice", "APNS", "tablet");
    await stage.services.good("phone");
    const diedAt = new Date();
    await stage.services.dead("tablet", diedAt);
    const asResolved = await stage.resolve("alice");
    expect(asResolved.map(({ endpointId }) => endpointId)).toEqual([phone, tablet]);

    scene("a push to alice: the tablet has no app any more");
    const gone = `UNREGISTERED, dead since ${diedAt.toISOString()}`;
    expect(await stage.push("alice")).toEqual({
      outcomes: { phone: "sent", tablet: "refused Unregistered DEACTIVATED" },
      received: [apns("phone", 1, "delivered"), apns("tablet", 1, gone)],
    });
    expect(await stage.stateOf("alice", tablet)).toEqual(DEAD);
    expect(await stage.stateOf("alice", phone)).toEqual(ACTIVE);
    expect(await stage.resolved("alice")).toEqual(["phone"]);
    expect(await stage.push("alice")).toEqual({
      outcomes: { phone: "sent" },
      received: [apns("phone", 2, "delivered")],
    });

    scene("the tablet registers again, and APNs still tells of its former life");
    expect(await stage.register("alice", "APNS", "tablet")).toBe(tablet);
    expect(await stage.stateOf("alice", tablet)).toEqual(ACTIVE);
    expect(await stage.push("alice")).toEqual({
      outcomes: { phone: "sent", tablet: "refused Unregistered CONFIRMED_SINCE" },
      received: [apns("phone", 3, "delivered"), apns("tablet", 3, gone)],
    });
    expect(await stage.stateOf("alice", tablet)).toEqual(ACTIVE);

    scene("the tablet's token is replaced, by Update");
    await stage.services.good("new token of tablet");
    await stage.rotate("alice", tablet, "new token of tablet");
    expect(await stage.resolved("alice")).toEqual(["phone", "new token of tablet"]);
    const expiresAt = new Date(1_000 * Math.floor(Date.now() / 1_000) + 3_600_000).toISOString();
    expect(await stage.push("alice", { collapseId: "dinner", expiresAt, data: { table: "4" } })).toEqual({
      outcomes: { phone: "sent", "new token of tablet": "sent" },
      received: ["new token of tablet", "phone"].map(
        (device) =>
          `APNs received ${device} {"table":"4","aps":{"alert":{"title":"Hi"},"sound":"default"}}` +
          ` collapse id dinner expires ${new Date(expiresAt).toISOString().replace(".000", "")}: delivered`,
      ),
    });
    // What came back of the first push comes once more, late.
    const late = { status: 410, response: { reason: "Unregistered", timestamp: diedAt.getTime() } };
    expect(await stage.report(nth(asResolved, 1), late)).toBe("TOKEN_REPLACED");
    expect(await stage.stateOf("alice", tablet)).toEqual(ACTIVE);

    scene("bob registers alice's phone");
    expect(await stage.holdersOf("APNS", "phone")).toEqual(["alice"]);
    const taken = await stage.register("bob", "APNS", "phone");
    await expect.poll(() => stage.resolved("alice"), { timeout: 1_000 }).toEqual(["new token of tablet"]);
    expect(await stage.holdersOf("APNS", "phone")).toEqual(["bob"]);
    expect(await stage.push("bob")).toEqual({ outcomes: { phone: "sent" }, received: [apns("phone", 5, "delivered")] });
    expect(await stage.push("alice")).toEqual({
      outcomes: { "new token of tablet": "sent" },
      received: [apns("new token of tablet", 6, "delivered")],
    });

    scene("bob registers an Android phone, and the next payload has a mistake");
    const android = await stage.register("bob", "GCM", "android");
    const mistake = fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", blaming("message.data[0].value"));
    stage.services.fcmAnswers("android", mistake);
    expect(await stage.push("bob")).toEqual({
      outcomes: { phone: "sent", android: "refused INVALID_ARGUMENT nothing_to_report" },
      received: [apns("phone", 7, "delivered"), fcm("android", 7, `400 ${JSON.stringify(mistake.body)}`)],
    });
    const effects = (await stage.resolve("bob")).map((sentTo) => stage.judge("INVALID_ARGUMENT", sentTo));
    expect(await Promise.all(effects)).toEqual(["REASON_IGNORED", "REASON_IGNORED"]);
    expect([await stage.stateOf("bob", taken), await stage.stateOf("bob", android)]).toEqual([ACTIVE, ACTIVE]);
    expect(await stage.resolved("bob")).toEqual(["phone", "android"]);

    scene("bob is erased, by boto3");
    expect(await stage.holdersOf("GCM", "android")).toEqual(["bob"]);
    await stage.erase("bob");
    expect(await stage.holdersOf("APNS", "phone")).toEqual([]);
    expect(await stage.holdersOf("GCM", "android")).toEqual([]);
    expect(await stage.resolved("bob")).toEqual([]);
    expect(await stage.holdersOf("APNS", "new token of tablet")).toEqual(["alice"]);
    await expect
      .poll(() => receipts(stage), { timeout: 10_000 })
      .toEqual([expect.objectContaining({ AppInstanceUserArn: stage.arnOf("bob"), Endpoints: 2 })]);
  });

  it("by other libraries: apns2, and Google's for Python", async () => {
    scene("carol has a phone, a tablet without the app, and two Android phones, one without the app");
    await stage.register("carol", "APNS", "carol's phone");
    await stage.register("carol", "APNS", "carol's tablet");
    await stage.register("carol", "GCM", "carol's android");
    await stage.register("carol", "GCM", "carol's old android");
    await stage.services.good("carol's phone");
    await stage.services.dead("carol's tablet", new Date());
    stage.services.fcmAnswers("carol's old android", fcmError(404, "NOT_FOUND", "UNREGISTERED"));
    const [phone, tablet, android, oldAndroid] = await stage.resolve("carol");

    const apns2Sender = apns2(stage.services.surroundings.apnsPort);
    const python = startPython("fcm.py", stage.services.surroundings.env);
    const byPython = async (sentTo: ResolvedEndpoint) => JSON.parse(await python.ask(sentTo.deviceToken));
    const sent = async (sentTo: ResolvedEndpoint | undefined, send: (sentTo: ResolvedEndpoint) => Promise<unknown>) => {
      return sentTo === undefined ? "nothing" : stage.report(sentTo, await send(sentTo), new Date());
    };
    const byApns2 = ({ deviceToken }: ResolvedEndpoint) => apns2Sender.send(deviceToken);
    try {
      expect(await sent(phone, byApns2)).toBe("nothing_to_report");
      expect(await sent(tablet, byApns2)).toBe("DEACTIVATED");
      expect(await sent(android, byPython)).toBe("nothing_to_report");
      expect(await sent(oldAndroid, byPython)).toBe("DEACTIVATED");
      stage.services.fcmAnswers("carol's android", fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"));
      expect(await sent(android, byPython)).toBe("nothing_to_report");
    } finally {
      await Promise.all([apns2Sender.close(), python.stop()]);
    }
    expect(await stage.resolved("carol")).toEqual(["carol's phone", "carol's android"]);
    const received = await stage.services.receives(5);
    for (const line of received) {
      console.log(`    ${line}`);
    }
    expect(received.map((line) => line.replace(/ id \S{36}/, ""))).toEqual([
      expect.stringMatching(/^APNs received carol's phone {"aps":{"alert":"Hi"}}: delivered$/),
      expect.stringMatching(/^APNs received carol's tablet {"aps":{"alert":"Hi"}}: UNREGISTERED, dead since /),
      expect.stringMatching(/^FCM received carol's android {"notification":{"title":"Hi"}}: 200 /),
      expect.stringMatching(/^FCM received carol's android {"notification":{"title":"Hi"}}: 400 .*INVALID_ARGUMENT/),
      expect.stringMatching(/^FCM received carol's old android {"notification":{"title":"Hi"}}: 404 .*UNREGISTERED/),
    ]);
  });
});

/** What APNs tells of a push without a collapse id of its own: it has that of its message. */
function apns(device: string, push: number, outcome: string): string {
  return `APNs received ${device} {"aps":{"alert":{"title":"Hi"},"sound":"default"}} collapse id push-${push}: ${outcome}`;
}

function fcm(device: string, push: number, outcome: string): string {
  const android = { priority: "high", notification: { tag: `push-${push}` } };
  return `FCM received ${device} ${JSON.stringify({ notification: { title: "Hi" }, data: {}, android })}: ${outcome}`;
}

function nth<Item>(items: readonly Item[], n: number): Item {
  return items[n] ?? expect.fail(`there is no item ${n}`);
}

function scene(what: string): void {
  console.log(what);
}

/** What was told of users who were erased, each signed. */
function receipts({ events }: Stage): (Data | undefined)[] {
  const told = events.received.flatMap((batch) => eventsIn(batch));
  return told.filter(({ type }) => type === "rollcall.user.erased").map(({ data }) => data);
}
