import { describe, expect, it } from "vitest";
import { AwakeUsers } from "../../../../src/worker/objects/awake-users.ts";
import { Counters } from "../../../../src/worker/transport/reporting/counters.ts";
import type { Told } from "../../../../src/worker/transport/reporting/report.ts";

const REGISTER: Told = {
  requestId: "00000000-0000-4000-8000-000000000000",
  operation: "RegisterAppInstanceUserEndpoint",
  wire: "rest",
  kind: "ok",
  reason: "none",
  fault: undefined,
  status: 201,
  ms: 3,
  replayed: false,
  retries: 0,
  principal: "BACKEND",
  adopted: false,
  moved: 0,
  bugs: undefined,
  unreached: undefined,
};

/** The lines that tell numbers, of the families whose names begin so. */
function linesAfter(told: readonly Told[], family: string, levels = {}): string[] {
  const counters = new Counters();
  for (const each of told) {
    counters.count(each);
  }
  return counters
    .text(levels, 60_000)
    .split("\n")
    .filter((line) => line.startsWith(family));
}

describe("what is counted for Prometheus", () => {
  it("tells requests apart by operation, wire, and how they ended", () => {
    const refused = { ...REGISTER, kind: "throttled", reason: "CALLER_RATE_EXCEEDED" };
    expect(linesAfter([REGISTER, REGISTER, refused], "rollcall_requests_total")).toEqual([
      'rollcall_requests_total{operation="RegisterAppInstanceUserEndpoint",wire="rest",kind="ok",reason="none"} 2',
      'rollcall_requests_total{operation="RegisterAppInstanceUserEndpoint",wire="rest",kind="throttled",reason="CALLER_RATE_EXCEEDED"} 1',
    ]);
  });

  it("has each duration in every bucket that is as long or longer, in seconds", () => {
    const lines = linesAfter(
      [REGISTER, { ...REGISTER, ms: 0 }, { ...REGISTER, ms: 5 }, { ...REGISTER, ms: 60_000 }],
      "rollcall_request_dur",
    );
    const counts = Object.fromEntries(
      lines.map((line) => line.replace(/^.*?(le="[^"]+"|_sum|_count).* /, "$1 ").split(" ")),
    );
    expect(counts).toMatchObject({
      'le="0.001"': "1",
      'le="0.002"': "1",
      'le="0.005"': "3",
      'le="10"': "3",
      'le="+Inf"': "4",
    });
    expect(counts).toMatchObject({ _sum: "60.008", _count: "4" });
  });

  it("tells new registrations from replays and adoptions, and counts no refused one", () => {
    const told = [
      REGISTER,
      { ...REGISTER, replayed: true },
      { ...REGISTER, adopted: true },
      { ...REGISTER, kind: "conflict" },
      { ...REGISTER, operation: "ListAppInstanceUserEndpoints" },
    ];
    expect(linesAfter(told, "rollcall_registrations_total")).toEqual(
      ["new", "replayed", "adopted"].map((outcome) => `rollcall_registrations_total{outcome="${outcome}"} 1`),
    );
  });

  it("tells users who were served from those who were not, in calls about many", () => {
    const operation = "ResolveAppInstanceUserEndpoints";
    expect(
      linesAfter([{ ...REGISTER, operation, users: 10, endpoints: 12, errors: 3 }], "rollcall_batch_users"),
    ).toEqual([
      `rollcall_batch_users_total{operation="${operation}",result="served"} 7`,
      `rollcall_batch_users_total{operation="${operation}",result="failed"} 3`,
    ]);
  });

  it("starts at 0 with what should never grow, so that the first increase is seen", () => {
    const grown = [{ ...REGISTER, bugs: 1, unreached: 2, retries: 3 }];
    for (const [name, after] of [
      ["bugs", 1],
      ["objects_unreached", 2],
      ["object_retries", 3],
    ]) {
      expect(linesAfter([], `rollcall_${name}_total`)).toEqual([`rollcall_${name}_total 0`]);
      expect(linesAfter(grown, `rollcall_${name}_total`)).toEqual([`rollcall_${name}_total ${after}`]);
    }
  });

  it("keeps a name of a principal's within its quotes", () => {
    expect(linesAfter([{ ...REGISTER, principal: 'a"b\\c\nd' }], "rollcall_caller")).toEqual([
      'rollcall_caller_requests_total{principal="a\\"b\\\\c\\nd",kind="ok"} 1',
    ]);
  });

  it("says how many users are awake, of how many", () => {
    const awakeUsers = new AwakeUsers(5);
    awakeUsers.enter("long asleep", "a caller", 1_000);
    awakeUsers.enter("awake", "a caller", 59_000);
    expect(linesAfter([], "rollcall_awake_users", { awakeUsers })).toEqual([
      "rollcall_awake_users 1",
      "rollcall_awake_users_max 5",
    ]);
  });

  it("says what waits in the Directory, and that nothing does", () => {
    const waiting = { losers: 2, events: 7, since: 48_000, bytes: 4_096 };
    expect(linesAfter([], "rollcall_directory", { waiting })).toEqual([
      "rollcall_directory_losers_waiting 2",
      "rollcall_directory_events_waiting 7",
      "rollcall_directory_oldest_event_seconds 12",
      "rollcall_directory_bytes 4096",
    ]);
    const nothing = { losers: 0, events: 0, since: undefined, bytes: 0 };
    expect(linesAfter([], "rollcall_directory_oldest", { waiting: nothing })).toEqual([
      "rollcall_directory_oldest_event_seconds 0",
    ]);
    expect(linesAfter([], "rollcall_directory")).toEqual([]);
  });
});
