import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  AppInstanceUserEndpointType,
  createRollcallClient,
  type RollcallClient,
  RollcallError,
} from "../../src/client/index.ts";
import { localToken } from "../../src/command/local.ts";
import { fcmError } from "../senders/push-services.ts";
import { missingForSimulator } from "../support/apns-simulator.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { type Stage, setStage } from "./stage.ts";

/** So few calls that the sender itself is told to wait, and so slow a user that asking for them is. */
const LIMITS = { BATCHES_PER_CALLER: "60", OPERATION_RATE_PER_SECOND: "1", OPERATION_BURST: "2" };

const USERS = Array.from({ length: 40 }, (_, n) => `user-${n}`);

const missing = missingForSimulator();

describe.skipIf(missing !== undefined)(`many pushes at once${missing ? `, which needs ${missing}` : ""}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage(LIMITS);
    for (const user of USERS) {
      await stage.services.good(`phone of ${user}`);
    }
    await Promise.all(USERS.map((user) => register(stage, user)));
  });
  afterAll(() => stage?.stop());

  it("arrive once each, though all are asked for twice and more, and everybody asks to wait", async () => {
    const { services, sender } = stage;
    await services.apnsRefuses(20, "SERVICE_UNAVAILABLE");
    await services.apnsRefuses(20, "TOO_MANY_REQUESTS");
    services.fcmRefuses(40, fcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"));
    // Rollcall has a user throttled, and then the sender itself.
    const once = { baseUrl: stage.url, maxAttempts: 1 };
    const user = createRollcallClient({ ...once, credentials: await localToken("user-0") });
    const likeTheSender = createRollcallClient({ ...once, credentials: LOCAL_CREDENTIALS });
    expect(await untilRefused(user, stage.arnOf("user-0"))).toBe("Throttled");
    expect(await untilRefused(likeTheSender, stage.arnOf("nobody"))).toBe("throttled");

    const asked = [
      ...[...USERS, ...USERS].map((user) => ({ id: `to-${user}`, users: [user], message: { title: "Hi" } })),
      ...["news", "news", "news"].map((id) => ({ id, users: USERS, message: { title: "News" } })),
    ];
    const results = await Promise.all(asked.map((request) => sender.push(request)));
    const outcomes = results.flatMap(({ users }) => users.map(({ devices }) => devices?.map(({ outcome }) => outcome)));
    expect(new Set(outcomes.map((all) => String(all)))).toEqual(new Set(["sent,sent"]));

    const received = await services.receives(4 * USERS.length + 80);
    const delivered = received.filter((line) => /: (delivered|200 .*)$/.test(line));
    console.log(`    ${received.length} pushes were received, and ${delivered.length} taken`);
    expect(received.length - delivered.length).toBe(80);
    const arrived = delivered.map((line) => /^(.*) \{.*(news|to-user-\d+)/.exec(line)?.slice(1).join(": "));
    const wanted = USERS.flatMap((user) =>
      [`APNs received phone of ${user}`, `FCM received android of ${user}`].flatMap((device) => {
        return [`${device}: news`, `${device}: to-${user}`];
      }),
    );
    expect(arrived.toSorted()).toEqual(wanted.toSorted());
  });
});

/** A phone and an Android phone. */
async function register({ services, rollcall, arnOf }: Stage, user: string): Promise<void> {
  const { APNS, GCM } = AppInstanceUserEndpointType;
  const devices = { [`phone of ${user}`]: APNS, [`android of ${user}`]: GCM };
  for (const [device, type] of Object.entries(devices)) {
    const endpointAttributes = { deviceToken: services.tokenOf(device) };
    const endpoint = { appInstanceUserArn: arnOf(user), type, resourceArn: RESOURCE_ARN, endpointAttributes };
    await rollcall.registerAppInstanceUserEndpoint(endpoint);
  }
}

/** Resolves a user, many times at once, until that is refused: to the caller, or for this user. */
async function untilRefused(rollcall: RollcallClient, appInstanceUserArn: string): Promise<string | undefined> {
  const ask = async () => {
    try {
      const { errors } = await rollcall.resolveAppInstanceUserEndpoints({ appInstanceUserArns: [appInstanceUserArn] });
      return errors[0]?.errorCode;
    } catch (error) {
      return error instanceof RollcallError ? error.failure.kind : String(error);
    }
  };
  const refusals = await Promise.all(Array.from({ length: Number(LIMITS.BATCHES_PER_CALLER) }, ask));
  return refusals.find((refusal) => refusal !== undefined) ?? ask();
}
