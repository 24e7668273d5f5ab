import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import {
  type ReportAppInstanceUserEndpointFailuresRequest,
  ReportAppInstanceUserEndpointFailuresResponseSchema as Response,
} from "../../../src/client/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { RollcallError } from "../../../src/client/index.ts";
import {
  type AnsweredPush,
  EndpointStatus,
  FailureEffect,
  type Report,
  reportFailures,
} from "../../../src/client/senders.ts";

type Failure = ReportAppInstanceUserEndpointFailuresRequest["failures"][number];

const SENT_AT = new Date(1_764_108_000_000);

/** Deactivates whatever is reported, but of users who are busy. */
function serverWith({ busyUntilCall = 0, busy = [] as string[] } = {}) {
  const calls: Failure[][] = [];
  const rollcall = {
    reportAppInstanceUserEndpointFailures: async ({ failures = [] }: { failures?: Failure[] }) => {
      calls.push(failures);
      const isBusy = ({ appInstanceUserArn }: Failure) =>
        calls.length <= busyUntilCall && busy.includes(appInstanceUserArn);
      return create(Response, {
        results: failures
          .filter((failure) => !isBusy(failure))
          .map(({ appInstanceUserArn, endpointId, deviceToken }) => ({
            ...{ appInstanceUserArn, endpointId },
            effect: deviceToken === "voip" ? FailureEffect.VOIP_TOKEN_REMOVED : FailureEffect.DEACTIVATED,
            endpointState: { status: EndpointStatus.INACTIVE },
          })),
        errors: [...new Set(failures.filter(isBusy).map(({ appInstanceUserArn }) => appInstanceUserArn))].map(
          (arn) => ({
            ...{ appInstanceUserArn: arn, errorCode: "ServiceUnavailable", errorMessage: "wait", retryAfterSeconds: 0 },
          }),
        ),
      });
    },
  };
  return { calls, rollcall: rollcall as unknown as Parameters<typeof reportFailures>[0] };
}

function push(answer: unknown, changes: Partial<AnsweredPush["sentTo"]> = {}): AnsweredPush {
  const sentTo = { appInstanceUserArn: "alice", endpointId: "e-1", deviceToken: "740f", ...changes };
  return { sentTo, sentAt: SENT_AT, answer };
}

async function all<Push extends AnsweredPush>(
  { rollcall }: ReturnType<typeof serverWith>,
  pushes: Iterable<Push>,
  options = {},
): Promise<Report<Push>[]> {
  const reports: Report<Push>[] = [];
  for await (const report of reportFailures(rollcall, pushes, options)) {
    reports.push(report);
  }
  return reports;
}

describe("a failure is reported", () => {
  it("with its endpoint, its token, the word and APNs's own time, of which it says that it is in milliseconds", async () => {
    const server = serverWith();
    await all(server, [push({ status: 410, body: '{"reason":"Unregistered","timestamp":1764107990123}' })]);
    const [[failure] = []] = server.calls;
    expect(failure).toMatchObject({
      ...{ appInstanceUserArn: "alice", endpointId: "e-1", deviceToken: "740f", reason: "Unregistered" },
    });
    expect(failure && timestampMs(failure.timestamp as never)).toBe(1_764_107_990_123);
  });

  it.each([
    ["has none", { reason: "Unregistered" }],
    ["is not about a dead token", { reason: "BadDeviceToken", timestamp: 1_700_000_000_000 }],
  ])("with the time of the push where the answer %s", async (_, body) => {
    const server = serverWith();
    await all(server, [push({ status: 400, body })]);
    expect(timestampMs(server.calls[0]?.[0]?.timestamp as never)).toBe(SENT_AT.getTime());
  });

  it("of a VoIP token as of any other", async () => {
    const server = serverWith();
    const pushes = [push({ reason: "Unregistered" }), push({ reason: "Unregistered" }, { deviceToken: "voip" })];
    expect(await all(server, pushes)).toMatchObject([
      { kind: "reported", push: { sentTo: { deviceToken: "740f" } }, effect: FailureEffect.DEACTIVATED },
      { kind: "reported", push: { sentTo: { deviceToken: "voip" } }, effect: FailureEffect.VOIP_TOKEN_REMOVED },
    ]);
  });

  it("by batches of a hundred, and told with whatever the push has beside", async () => {
    const server = serverWith();
    const pushes = Array.from({ length: 250 }, (_, n) => ({
      ...push({ reason: "Unregistered" }, { endpointId: `e-${n}` }),
      n,
    }));
    const reports = await all(server, pushes);
    expect(server.calls.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([50, 100, 100]);
    expect(reports.map(({ push }) => push.n).toSorted((a, b) => a - b)).toEqual(pushes.map(({ n }) => n));
    expect(reports.every((report) => report.kind === "reported" && report.reason === "Unregistered")).toBe(true);
  });

  it("though its word is not known here: the server may be newer", async () => {
    const server = serverWith();
    await all(server, [push({ reason: "NewerWord" })]);
    expect(server.calls[0]).toMatchObject([{ reason: "NewerWord" }]);
  });
});

describe("nothing is reported", () => {
  it.each([
    ["of a push that arrived", { status: 200, body: "" }, undefined],
    ["of a payload", { status: 413, body: { reason: "PayloadTooLarge" } }, "PayloadTooLarge"],
    ["of a certificate", { status: 403, body: { reason: "BadCertificateEnvironment" } }, "BadCertificateEnvironment"],
    ["of a rate", { status: 429, body: { reason: "TooManyRequests" } }, "TooManyRequests"],
    ["of a lost connection", new TypeError("fetch failed"), undefined],
  ])("%s, and that is told", async (_, answer, reason) => {
    const server = serverWith();
    expect(await all(server, [push(answer)])).toEqual([{ kind: "nothing_to_report", push: push(answer), reason }]);
    expect(server.calls).toEqual([]);
  });

  it("of any number of pushes that arrived; they are told as they are read", async () => {
    let [read, told] = [0, 0];
    function* arrived() {
      for (; read < 20_000; read++) {
        yield push({ status: 200, body: "" });
      }
    }
    for await (const { kind } of reportFailures(serverWith().rollcall, arrived())) {
      told += kind === "nothing_to_report" ? 1 : 0;
      if (read - told > 5_000) {
        expect.fail(`${read} are read and ${told} are told`);
      }
    }
    expect(told).toBe(20_000);
  });
});

describe("the users of a report who are not served", () => {
  it("have all their failures reported again, each with its own result", async () => {
    const server = serverWith({ busy: ["alice"], busyUntilCall: 1 });
    const pushes = [
      push({ reason: "Unregistered" }, { endpointId: "e-1" }),
      push({ reason: "Unregistered" }, { endpointId: "e-9", appInstanceUserArn: "bob" }),
      push({ reason: "Unregistered" }, { endpointId: "e-2" }),
    ];
    const reports = await all(server, pushes);
    expect(server.calls.map((failures) => failures.map(({ endpointId }) => endpointId))).toEqual([
      ["e-1", "e-9", "e-2"],
      ["e-1", "e-2"],
    ]);
    expect(reports.map(({ kind, push }) => [kind, push.sentTo.endpointId])).toEqual([
      ["reported", "e-9"],
      ["reported", "e-1"],
      ["reported", "e-2"],
    ]);
  });

  it("are told when the time for that is over", async () => {
    const server = serverWith({ busy: ["alice"], busyUntilCall: Number.POSITIVE_INFINITY });
    expect(await all(server, [push({ reason: "Unregistered" })], { retryForMs: 500 })).toMatchObject([
      {
        kind: "not_reported",
        reason: "Unregistered",
        error: { errorCode: "ServiceUnavailable", errorMessage: "wait" },
      },
    ]);
  });
});

describe("a mistake of the sender's is an error", () => {
  it.each([
    ["@parse/node-apn", { device: "AAAA", status: 410, response: { reason: "Unregistered" } }],
    ["apns2", { reason: "Unregistered", notification: { deviceToken: "AAAA" } }],
  ])("where an answer of %s is paired with another push; tokens are not told", async (_, answer) => {
    const server = serverWith();
    const failed = all(server, [push(answer)]);
    await expect(failed).rejects.toThrow(
      "The answer is about another token than the push to endpoint e-1 was sent to.",
    );
    expect(server.calls).toEqual([]);
  });

  it("but not where they differ in case, as Apple's may", async () => {
    const server = serverWith();
    await all(server, [push({ device: "740F", status: 410, response: { reason: "Unregistered" } })]);
    expect(server.calls).toHaveLength(1);
  });

  it("where the policy does not allow reports", async () => {
    const refused = new RollcallError("no", { kind: "forbidden", reason: "NOT_AUTHORIZED", action: "chime:Report" });
    const rollcall = { reportAppInstanceUserEndpointFailures: () => Promise.reject(refused) };
    await expect(all({ calls: [], rollcall }, [push({ reason: "Unregistered" })])).rejects.toBe(refused);
  });
});
