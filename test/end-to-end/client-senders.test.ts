import { describe, expect, it } from "vitest";
import { AppInstanceUserEndpointType, createRollcallClient, type RollcallClient } from "../../src/client/index.ts";
import {
  type AnsweredPush,
  FailureEffect,
  type Report,
  type Resolution,
  type ResolvedEndpoint,
  type ResolveOptions,
  reportFailures,
  resolveEndpoints,
} from "../../src/client/senders.ts";
import { localToken } from "../../src/command/local.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const server = serveOnWorkerd();
const slow = serveOnWorkerd({ LOCAL_MODE: "true", OPERATION_RATE_PER_SECOND: "1", OPERATION_BURST: "1" });

function clientOf({ url }: { url: string }, credentials: string | typeof LOCAL_CREDENTIALS = LOCAL_CREDENTIALS) {
  return createRollcallClient({ baseUrl: url, credentials });
}

function device(appInstanceUserArn: string, deviceToken = "token-1", changes: object = {}) {
  return {
    ...{ appInstanceUserArn, resourceArn: RESOURCE_ARN, type: AppInstanceUserEndpointType.GCM },
    endpointAttributes: { deviceToken },
    ...changes,
  };
}

async function resolveAll(rollcall: RollcallClient, arns: Iterable<string>, options?: ResolveOptions) {
  const resolutions = new Map<string, Resolution>();
  for await (const resolution of resolveEndpoints(rollcall, arns, options)) {
    expect(resolutions.has(resolution.appInstanceUserArn)).toBe(false);
    resolutions.set(resolution.appInstanceUserArn, resolution);
  }
  return resolutions;
}

function endpointsIn(resolution: Resolution | undefined): readonly ResolvedEndpoint[] {
  return resolution?.kind === "resolved" ? resolution.endpoints : expect.fail("the user is not resolved");
}

async function only(rollcall: RollcallClient, arn: string): Promise<ResolvedEndpoint> {
  const [endpoint] = endpointsIn((await resolveAll(rollcall, [arn])).get(arn));
  return endpoint ?? expect.fail("the user has no endpoint");
}

async function reportAll<Push extends AnsweredPush>(rollcall: RollcallClient, pushes: Push[]): Promise<Report<Push>[]> {
  const reports: Report<Push>[] = [];
  for await (const report of reportFailures(rollcall, pushes)) {
    reports.push(report);
  }
  return reports;
}

describe("a sender", () => {
  it("resolves any number of users: with devices, without, and such as nobody knows; each once", async () => {
    const rollcall = clientOf(server);
    const known = Array.from({ length: 70 }, freshUserArn);
    const strangers = Array.from({ length: 50 }, freshUserArn);
    await Promise.all(known.map((arn) => rollcall.registerAppInstanceUserEndpoint(device(arn, `token of ${arn}`))));
    const resolutions = await resolveAll(rollcall, [...known, ...strangers, ...known]);
    expect(resolutions.size).toBe(120);
    for (const arn of known) {
      expect(endpointsIn(resolutions.get(arn))).toMatchObject([
        {
          appInstanceUserArn: arn,
          deviceToken: `token of ${arn}`,
          type: 3,
          resourceArn: RESOURCE_ARN,
          voip: undefined,
        },
      ]);
    }
    for (const arn of strangers) {
      expect(endpointsIn(resolutions.get(arn))).toEqual([]);
    }
  });

  it("resolves users whose endpoints are more than one answer holds", async () => {
    const rollcall = clientOf(server);
    const arns = Array.from({ length: 20 }, freshUserArn);
    const long = (n: number) => "\u{1f514}".repeat(1_598) + String(n).padStart(2, "0");
    await Promise.all(
      arns.flatMap((arn) =>
        Array.from({ length: 10 }, (_, n) => {
          const endpointAttributes = { deviceToken: long(n), voipDeviceToken: long(n) };
          return rollcall.registerAppInstanceUserEndpoint(device(arn, "", { endpointAttributes }));
        }),
      ),
    );
    const answered = await rollcall.resolveAppInstanceUserEndpoints({ appInstanceUserArns: arns });
    expect(answered.errors).not.toEqual([]);
    const resolutions = await resolveAll(rollcall, arns);
    expect(arns.map((arn) => endpointsIn(resolutions.get(arn)).length)).toEqual(Array(20).fill(10));
  });

  it("waits as the server asks for a user who is asked for too often", async () => {
    const rollcall = clientOf(slow);
    const arn = freshUserArn();
    const together = await Promise.all(Array.from({ length: 25 }, () => resolveAll(rollcall, [arn])));
    expect(together.map((resolutions) => endpointsIn(resolutions.get(arn)))).toEqual(Array(25).fill([]));
  });

  it("is told which of its ARNs are none, and gets the others", async () => {
    const rollcall = clientOf(server);
    const arns = Array.from({ length: 50 }, (_, n) => (n % 4 === 3 ? `alice-${n}` : freshUserArn()));
    const resolutions = await resolveAll(rollcall, arns);
    const unresolved = [...resolutions.values()].filter(({ kind }) => kind === "unresolved");
    // More than one refusal names.
    expect(unresolved.map(({ appInstanceUserArn }) => appInstanceUserArn).toSorted()).toEqual(
      arns.filter((arn) => arn.startsWith("alice-")).toSorted(),
    );
    expect(unresolved[0]).toMatchObject({ error: { errorCode: "BadRequest" } });
  });

  it("gets the endpoints of one application alone", async () => {
    const rollcall = clientOf(server);
    const arn = freshUserArn();
    await rollcall.registerAppInstanceUserEndpoint(device(arn));
    const options = { resourceArn: `${RESOURCE_ARN}-other` };
    expect(endpointsIn((await resolveAll(rollcall, [arn], options)).get(arn))).toEqual([]);
  });

  it("who may not resolve everybody is refused at once", async () => {
    const rollcall = clientOf(server, await localToken("alice"));
    const resolving = resolveAll(rollcall, Array.from({ length: 500 }, freshUserArn));
    const action = "chime:ResolveAppInstanceUserEndpoints";
    await expect(resolving).rejects.toMatchObject({ failure: { kind: "forbidden", action } });
  });
});

describe("what a sender reports", () => {
  it("of a dead token, makes its endpoint and no other unreachable", async () => {
    const rollcall = clientOf(server);
    const arn = freshUserArn();
    await rollcall.registerAppInstanceUserEndpoint(device(arn, "token-1"));
    await rollcall.registerAppInstanceUserEndpoint(device(arn, "token-2"));
    const endpoints = endpointsIn((await resolveAll(rollcall, [arn])).get(arn));
    const sentAt = new Date();
    const pushes = endpoints.map((sentTo) => {
      return {
        sentTo,
        sentAt,
        answer: sentTo.deviceToken === "token-1" ? { reason: "UNREGISTERED" } : { status: 200 },
      };
    });
    const reports = await reportAll(rollcall, pushes);
    expect(reports.map((report) => [report.push.sentTo.deviceToken, report.kind]).toSorted()).toEqual([
      ["token-1", "reported"],
      ["token-2", "nothing_to_report"],
    ]);
    expect(await only(rollcall, arn)).toMatchObject({ deviceToken: "token-2" });
  });

  it("of a token for VoIP, takes that alone away", async () => {
    const rollcall = clientOf(server);
    const arn = freshUserArn();
    const endpointAttributes = { deviceToken: "token-1", voipDeviceToken: "voip-1" };
    await rollcall.registerAppInstanceUserEndpoint(device(arn, "", { endpointAttributes }));
    const { voip } = await only(rollcall, arn);
    const sentTo = voip ?? expect.fail("there is no token for VoIP");
    expect(sentTo.deviceToken).toBe("voip-1");
    const push = { sentTo, sentAt: new Date(), answer: { status: 410, body: { reason: "Unregistered" } } };
    expect(await reportAll(rollcall, [push])).toMatchObject([{ effect: FailureEffect.VOIP_TOKEN_REMOVED }]);
    expect(await only(rollcall, arn)).toMatchObject({ deviceToken: "token-1", voip: undefined });
  });

  it("too late, harms neither a token that took the place of another nor one that was confirmed since", async () => {
    const rollcall = clientOf(server);
    const arn = freshUserArn();
    const { endpointId } = await rollcall.registerAppInstanceUserEndpoint(device(arn, "token-1"));
    const before = await only(rollcall, arn);
    const answer = { reason: "Unregistered" };
    const stale = { sentTo: before, sentAt: new Date(Date.now() - 60_000), answer };
    expect(await reportAll(rollcall, [stale])).toMatchObject([{ effect: FailureEffect.CONFIRMED_SINCE }]);
    await rollcall.updateAppInstanceUserEndpoint({
      ...{ appInstanceUserArn: arn, endpointId, endpointAttributes: { deviceToken: "token-2" } },
    });
    const late = { sentTo: before, sentAt: new Date(), answer };
    expect(await reportAll(rollcall, [late])).toMatchObject([{ effect: FailureEffect.TOKEN_REPLACED }]);
    expect(await only(rollcall, arn)).toMatchObject({ deviceToken: "token-2" });
  });

  it("of more users than one call takes is taken, and what is wrong with one of them is that one's", async () => {
    const rollcall = clientOf(server);
    const arns = Array.from({ length: 110 }, freshUserArn);
    await Promise.all(arns.map((arn) => rollcall.registerAppInstanceUserEndpoint(device(arn))));
    const endpoints = [...(await resolveAll(rollcall, arns)).values()].flatMap(endpointsIn);
    const pushes = endpoints.map((sentTo, n) => ({
      sentTo: n === 7 ? { ...sentTo, appInstanceUserArn: "nobody" } : sentTo,
      ...{ sentAt: new Date(), answer: { reason: "Unregistered" } },
    }));
    const reports = await reportAll(rollcall, pushes);
    expect(reports.filter(({ kind }) => kind === "reported")).toHaveLength(109);
    expect(reports.filter(({ kind }) => kind === "not_reported")).toMatchObject([
      { push: { sentTo: { appInstanceUserArn: "nobody" } }, error: { errorCode: "BadRequest" } },
    ]);
  });
});
