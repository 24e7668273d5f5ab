import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingOf } from "../../scripts/toolchains.ts";
import { blaming, fcmError } from "../senders/push-services.ts";
import { type Data, eventsIn } from "../support/receiver.ts";
import { type Stage, setStage } from "./stage.ts";

const ACTIVE = { Status: "ACTIVE" };
const DEAD = { Status: "INACTIVE", StatusReason: "INVALID_DEVICE_TOKEN" };

const missing = missingOf(["javac", "mvn"]);

describe.skipIf(missing !== undefined)(`the whole loop${missing ? `, which needs ${missing}` : ""}`, () => {
  let stage: Stage;
  // A first build of the simulator downloads it.
  beforeAll(async () => {
    stage = await setStage();
  }, 300_000);
  afterAll(() => stage?.stop());

  it("from the phones that register to the user who is erased", async () => {
    scene("alice registers a phone and a tablet, by boto3");
    const phone = await stage.register("alice", "APNS", "phone");
    const tablet = await stage.register("alice", "APNS", "tablet");
    await stage.services.good("phone");
    const diedAt = new Date();
    await stage.services.dead("tablet", diedAt);
    expect(await stage.resolved("alice")).toEqual(["phone", "tablet"]);

    scene("a push to alice: the tablet has no app any more");
    const first = await stage.push("alice");
    expect(await stage.report(first)).toEqual({ phone: "nothing_to_report", tablet: "DEACTIVATED" });
    expect(await stage.stateOf("alice", tablet)).toEqual(DEAD);
    expect(await stage.stateOf("alice", phone)).toEqual(ACTIVE);
    expect(await stage.resolved("alice")).toEqual(["phone"]);
    expect(await stage.report(await stage.push("alice"))).toEqual({ phone: "nothing_to_report" });

    scene("the tablet registers again, and APNs still tells of its former life");
    expect(await stage.register("alice", "APNS", "tablet")).toBe(tablet);
    expect(await stage.stateOf("alice", tablet)).toEqual(ACTIVE);
    expect(await stage.report(await stage.push("alice"))).toEqual({
      ...{ phone: "nothing_to_report", tablet: "CONFIRMED_SINCE" },
    });
    expect(await stage.stateOf("alice", tablet)).toEqual(ACTIVE);

    scene("the tablet's token is replaced, by Update");
    await stage.services.good("new token of tablet");
    await stage.rotate("alice", tablet, "new token of tablet");
    expect(await stage.resolved("alice")).toEqual(["phone", "new token of tablet"]);
    expect(await stage.report(await stage.push("alice"))).toEqual({
      ...{ phone: "nothing_to_report", "new token of tablet": "nothing_to_report" },
    });
    // What came back of the first push comes once more, late.
    expect(await stage.report(first)).toEqual({ phone: "nothing_to_report", tablet: "TOKEN_REPLACED" });
    expect(await stage.stateOf("alice", tablet)).toEqual(ACTIVE);

    scene("bob registers alice's phone");
    expect(await stage.holdersOf("APNS", "phone")).toEqual(["alice"]);
    const taken = await stage.register("bob", "APNS", "phone");
    await expect.poll(() => stage.resolved("alice"), { timeout: 1_000 }).toEqual(["new token of tablet"]);
    expect(await stage.holdersOf("APNS", "phone")).toEqual(["bob"]);
    expect(await stage.report(await stage.push("bob"))).toEqual({ phone: "nothing_to_report" });
    expect(await stage.report(await stage.push("alice"))).toEqual({ "new token of tablet": "nothing_to_report" });

    scene("bob registers an Android phone, and the next payload has a mistake");
    const android = await stage.register("bob", "GCM", "android");
    const mistake = blaming("message.data[0].value");
    stage.services.fcmAnswers("android", fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", mistake));
    const refused = await stage.push("bob");
    expect(await stage.report(refused)).toEqual({ phone: "nothing_to_report", android: "nothing_to_report" });
    const effects = refused.map((push) => stage.judge("INVALID_ARGUMENT", push));
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

    // Every push that any of them received, and no other.
    const payload = '{"aps":{"alert":"Hi"}}';
    const delivered = (device: string) => `APNs received ${device} ${payload}: delivered`;
    const unregistered = `APNs received tablet ${payload}: UNREGISTERED, dead since ${diedAt.toISOString()}`;
    expect(stage.services.received).toEqual([
      ...[delivered("phone"), unregistered],
      delivered("phone"),
      ...[delivered("phone"), unregistered],
      ...[delivered("phone"), delivered("new token of tablet")],
      delivered("phone"),
      delivered("new token of tablet"),
      ...[delivered("phone"), expect.stringMatching(/^FCM received android: 400 .*INVALID_ARGUMENT/)],
    ]);
  });
});

function scene(what: string): void {
  console.log(what);
}

/** What was told of users who were erased, each signed. */
function receipts({ events }: Stage): (Data | undefined)[] {
  const told = events.received.flatMap((batch) => eventsIn(batch));
  return told.filter(({ type }) => type === "rollcall.user.erased").map(({ data }) => data);
}
