/** What senders are answered: rpc × wire × outcome, each call by each wire to the built Worker. */
import { getOption, type JsonObject } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { ServedBy, served_by } from "../../src/gen/rollcall/v1/options_pb.ts";
import { BATCHES_PER_CALLER_DEFAULT } from "../../src/worker/model/limits.ts";
import { BATCH_WIRES, type BatchRpc, inWords, type Sender, senderWith, type Told } from "../support/batch-wires.ts";
import { KeptServer } from "../support/kept-server.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { restRegister, send } from "../support/wire.ts";

const RESOLVE = "ResolveAppInstanceUserEndpoints";
const REPORT = "ReportAppInstanceUserEndpointFailures";
const USERS = "arn:aws:chime:us-east-1:123456789012:app-instance/senders/user";
const OTHERS = "arn:aws:chime:us-east-1:123456789012:app-instance/others/user/bob";

const { sender, variables } = await senderWith({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: [`chime:${RESOLVE}`, `chime:${REPORT}`], Resource: `${USERS}/*` }],
});
const nobody = null;
const server = new KeptServer({ LOCAL_MODE: "true", ...variables });

const userArn = (name: string) => `${USERS}/${name}`;

/** Registers devices of a user, and answers their ids. */
async function registered(name: string, devices: readonly JsonObject[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [n, EndpointAttributes] of devices.entries()) {
    const answer = await send(
      server.url,
      restRegister({ EndpointAttributes, ClientRequestToken: `t-${n}` }, userArn(name)),
    );
    ids.push(JSON.parse(answer.text).EndpointId);
  }
  return ids;
}

/** Makes calls by one wire, several at once, until one of them is told that there were too many: what that one was told. */
async function tooMany(
  name: string,
  call: () => readonly [BatchRpc, JsonObject],
  isBeyond: (told: Told) => boolean,
): Promise<Told> {
  const wire = BATCH_WIRES[name] ?? expect.fail(`there is no ${name}`);
  // Within two periods of the rate there are more than in one.
  for (let calls = 0; calls <= 2 * BATCHES_PER_CALLER_DEFAULT; calls += 15) {
    const told = await Promise.all(Array.from({ length: 15 }, () => wire(server.url, ...call(), sender)));
    const beyond = told.find(isBeyond);
    if (beyond !== undefined) {
      return beyond;
    }
  }
  return expect.fail("there were not too many calls");
}

function resolving(...names: string[]): JsonObject {
  return { appInstanceUserArns: names.map(userArn) };
}

function failing(name: string, changes: JsonObject = {}): JsonObject {
  return {
    ...{ appInstanceUserArn: userArn(name), endpointId: "none", deviceToken: "token", reason: "Unregistered" },
    timestamp: new Date().toISOString(),
    ...changes,
  };
}

const table: string[][] = [];
const columns = Object.keys(BATCH_WIRES);

/** Makes a call by each wire, and answers what each was told. */
async function byEachWire(
  condition: string,
  rpc: BatchRpc,
  message: JsonObject | ((wire: string) => Promise<JsonObject>),
  by: Sender | null = sender,
): Promise<string[]> {
  return onEachWire(condition, rpc, async (name) => {
    const wire = BATCH_WIRES[name] ?? expect.fail(`there is no ${name}`);
    return wire(server.url, rpc, typeof message === "function" ? await message(name) : message, by);
  });
}

/** The same where it takes more than one call. */
async function onEachWire(condition: string, rpc: BatchRpc, tell: (wire: string) => Promise<Told>): Promise<string[]> {
  const told: string[] = [];
  for (const name of columns) {
    told.push(inWords(await tell(name)));
  }
  table.push([rpc, condition, ...told]);
  return told;
}

/** The same on REST, which has two columns, and the same on the others. */
function each(rest: string, others: string): string[] {
  return [rest, rest, others, others, others];
}

/** A success that has the same lists on all wires. */
function served(lists: string): string[] {
  return each(`200 | ${lists}`, `ok | ${lists}`);
}

/** What concerns the whole call, which is the same for both rpcs. */
const WHOLE: [condition: string, messages: Record<BatchRpc, JsonObject>, by: Sender | null, told: string[]][] = [
  [
    "400: an empty list",
    { [RESOLVE]: { appInstanceUserArns: [] }, [REPORT]: { failures: [] } },
    sender,
    each("400 BadRequestException", "invalid_argument CONSTRAINTS_VIOLATED"),
  ],
  [
    "400: 101 entries",
    {
      [RESOLVE]: resolving(...Array.from({ length: 101 }, (_, n) => `many-${n}`)),
      [REPORT]: { failures: Array.from({ length: 101 }, () => failing("alice")) },
    },
    sender,
    each("400 BadRequestException", "invalid_argument CONSTRAINTS_VIOLATED"),
  ],
  [
    "400: an entry among good ones that is none",
    {
      [RESOLVE]: { appInstanceUserArns: [userArn("alice"), "nobody"] },
      [REPORT]: { failures: [failing("alice"), failing("alice", { timestamp: "2286-11-20T17:46:40Z" })] },
    },
    sender,
    each("400 BadRequestException", "invalid_argument CONSTRAINTS_VIOLATED"),
  ],
  [
    "401: no credentials",
    { [RESOLVE]: resolving("alice"), [REPORT]: { failures: [failing("alice")] } },
    nobody,
    each("401 UnauthorizedClientException", "unauthenticated CREDENTIALS_MISSING"),
  ],
  [
    "403: one user of several whom the policy does not allow",
    {
      [RESOLVE]: { appInstanceUserArns: [userArn("alice"), OTHERS] },
      [REPORT]: { failures: [failing("alice"), failing("alice", { appInstanceUserArn: OTHERS })] },
    },
    sender,
    each("403 ForbiddenException", "permission_denied NOT_AUTHORIZED"),
  ],
  [
    "413: more than 128 KiB",
    {
      [RESOLVE]: resolving(...Array.from({ length: 100 }, (_, n) => `${n}${"x".repeat(1_400)}`)),
      [REPORT]: { failures: Array.from({ length: 100 }, () => failing("alice", { deviceToken: "x".repeat(1_400) })) },
    },
    sender,
    each("413 RequestEntityTooLargeException", "resource_exhausted BODY_TOO_LARGE"),
  ],
];

beforeAll(async () => {
  await server.start();
  await registered("alice", [{ DeviceToken: "phone" }, { DeviceToken: "tablet" }]);
});

describe("every rpc about many users", () => {
  it("is in this table", () => {
    const methods = AppInstanceUserEndpointService.methods.filter(
      (method) => getOption(method, served_by) === ServedBy.EACH_USER,
    );
    expect(methods.map(({ name }) => name).toSorted()).toEqual([REPORT, RESOLVE]);
  });
});

describe("a batch that is served", () => {
  it("answers each user once, in the order asked for, and unknown ones without endpoints", async () => {
    const request = resolving("unknown", "alice", "unknown");
    expect(await byEachWire("success", RESOLVE, request)).toEqual(served("unknown 0, alice 2"));
  });

  it("leaves out the endpoints of other applications", async () => {
    const elsewhere = { ...resolving("alice"), resourceArn: `${RESOURCE_ARN}-2` };
    expect(await byEachWire("success, for another application", RESOLVE, elsewhere)).toEqual(served("alice 0"));
  });

  it("answers what each failure did", async () => {
    const told = await byEachWire("success: each effect", REPORT, async (wire) => {
      const name = wire.replaceAll(/\W/g, "");
      const devices = ["gone", "suspect", "voip", "replaced", "confirmed", "ignored"];
      const ids = await registered(
        name,
        devices.map((DeviceToken) => ({ DeviceToken, ...(DeviceToken === "voip" && { VoipDeviceToken: "of-calls" }) })),
      );
      const timestamp = new Date(Date.now() + 1_000).toISOString();
      const failed = (n: number, deviceToken: string, reason: string, changes: JsonObject = {}) =>
        failing(name, { endpointId: ids[n] ?? "", deviceToken, reason, timestamp, ...changes });
      return {
        failures: [
          failed(0, "gone", "Unregistered"),
          failed(1, "suspect", "BadDeviceToken"),
          failed(2, "of-calls", "ExpiredToken"),
          failed(3, "an old one", "Unregistered"),
          failed(4, "confirmed", "UNREGISTERED", { timestamp: "2026-01-01T00:00:00Z" }),
          failed(5, "ignored", "PayloadTooLarge"),
          failed(6, "gone", "Unregistered", { endpointId: "none" }),
        ],
      };
    });
    const effects = [
      ...["DEACTIVATED INACTIVE", "SUSPECTED ACTIVE", "VOIP_TOKEN_REMOVED ACTIVE", "TOKEN_REPLACED ACTIVE"],
      ...["CONFIRMED_SINCE ACTIVE", "REASON_IGNORED ACTIVE", "NOT_FOUND"],
    ];
    expect(told.map((line) => line.replaceAll(/(?<=[|,] )\w+ (?=[A-Z])/g, ""))).toEqual(served(effects.join(", ")));
  });
});

describe.each(WHOLE)("a batch that is refused as a whole, %s", (condition, messages, by, expected) => {
  it.each([RESOLVE, REPORT] as const)("by %s", async (rpc) => {
    expect(await byEachWire(condition, rpc, messages[rpc], by)).toEqual(expected);
  });
});

it("a batch that is refused changes nothing", async () => {
  const [endpointId = ""] = await registered("carol", [{ DeviceToken: "token" }]);
  const failures = [failing("carol", { endpointId }), failing("bob", { appInstanceUserArn: OTHERS })];
  for (const wire of Object.values(BATCH_WIRES)) {
    expect((await wire(server.url, REPORT, { failures }, sender)).outcome).toMatch(/^403|NOT_AUTHORIZED$/);
    expect(inWords(await wire(server.url, RESOLVE, resolving("carol"), sender))).toContain("carol 1");
  }
});

it("a Timestamp in milliseconds is refused with a word about seconds", async () => {
  const answer = await fetch(`${server.url}/app-instance-user-endpoints/failures`, {
    method: "POST",
    headers: { authorization: `Bearer ${sender.token}`, "content-type": "application/json" },
    body: JSON.stringify({
      Failures: [
        {
          ...{ AppInstanceUserArn: userArn("alice"), EndpointId: "none", DeviceToken: "phone", Reason: "Unregistered" },
          Timestamp: Date.now(),
        },
      ],
    }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ Message: expect.stringMatching(/'Failures\[0\]\.Timestamp'.*seconds.*milliseconds/s) }),
  ]);
});

describe("what befalls one user is that user's error", () => {
  it("a bug is, and is logged without what the user has", async () => {
    let endpointId = "";
    await server.poison(async () => {
      [endpointId = ""] = await registered("poisoned", [{ DeviceToken: "a-secret-token" }]);
    });
    expect(await byEachWire("an object that throws", RESOLVE, resolving("poisoned", "alice"))).toEqual(
      served("alice 2 | errors: poisoned ServiceFailure"),
    );
    const told = await byEachWire("an object that throws", REPORT, {
      failures: [failing("poisoned", { endpointId }), failing("alice"), failing("poisoned", { endpointId })],
    });
    expect(told).toEqual(served("alice NOT_FOUND | errors: poisoned ServiceFailure"));
    expect(server.log.includes('"event":"bug"'), "a bug is logged").toBe(true);
    expect(/a-secret-token|arn:/.test(server.log), "the log has a token or an ARN").toBe(false);
  });

  it("a rate is, with the time to wait", async () => {
    await server.start({ OPERATION_RATE_PER_SECOND: "1", OPERATION_BURST: "1" });
    const isThrottled = ({ body: { errors = [] } }: Told) => errors.length > 0;
    let calls = 0;
    const messages: Record<BatchRpc, () => JsonObject> = {
      [RESOLVE]: () => resolving("alice", `other-${calls++}`),
      [REPORT]: () => ({ failures: [failing("alice"), failing(`other-${calls++}`), failing("alice")] }),
    };
    for (const rpc of [RESOLVE, REPORT] as const) {
      const told = await onEachWire("one user's rate", rpc, (wire) =>
        tooMany(wire, () => [rpc, messages[rpc]()], isThrottled),
      );
      const other = rpc === RESOLVE ? "0" : "NOT_FOUND";
      expect(told).toEqual(served(`other ${other} | errors: alice Throttled to wait`));
    }
  });

  it("no room on one machine is, with the time to wait", async () => {
    const names = Array.from({ length: 6 }, (_, n) => `roomy-${n}`);
    await server.start();
    for (const name of names) {
      await registered(name, [{ DeviceToken: "phone" }]);
    }
    // A caller alone gets four fifths of it, and is answered for those users on whichever wire it comes.
    await server.start({ USERS_AT_ONCE: "5" });
    const [inside, outside] = [names.slice(0, 4), names.slice(4)];
    const errors = outside.map((name) => `${name} ServiceUnavailable to wait`).join(", ");
    expect(await byEachWire("no room", RESOLVE, resolving(...names))).toEqual(
      served(`${inside.map((name) => `${name} 1`).join(", ")} | errors: ${errors}`),
    );
    expect(await byEachWire("no room", REPORT, { failures: names.map((name) => failing(name)) })).toEqual(
      served(`${inside.map((name) => `${name} NOT_FOUND`).join(", ")} | errors: ${errors}`),
    );
  });
});

describe("a caller beyond BATCH_RATE", () => {
  it("is told to wait for the whole call, while calls about one user are served", async () => {
    await server.start();
    // What is refused for itself counts too.
    const messages: Record<BatchRpc, JsonObject> = {
      [RESOLVE]: { appInstanceUserArns: [] },
      [REPORT]: { failures: [] },
    };
    const isBeyond = ({ outcome }: Told) => /^429|CALLER_RATE_EXCEEDED/.test(outcome);
    for (const rpc of [RESOLVE, REPORT] as const) {
      const told = await onEachWire("429: BATCH_RATE", rpc, (wire) =>
        tooMany(wire, () => [rpc, messages[rpc]], isBeyond),
      );
      expect(told).toEqual(each("429 ThrottledClientException", "resource_exhausted CALLER_RATE_EXCEEDED"));
    }
    expect((await send(server.url, restRegister())).status).toBe(201);
  });
});

afterAll(() => {
  const rows = [["rpc", "condition", ...columns], ["rpc", "condition", ...columns].map(() => "---"), ...table];
  console.log(rows.map((row) => `| ${row.map((cell) => cell.replaceAll(" | ", "; ")).join(" | ")} |`).join("\n"));
});
