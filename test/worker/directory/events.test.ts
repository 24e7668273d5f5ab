import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Directory } from "../../../src/worker/directory/directory.ts";
import type { WaitingEvent } from "../../../src/worker/model/events.ts";
import { EVENTS_KEPT_MS, EVENTS_PER_SHARD_MAX } from "../../../src/worker/model/limits.ts";
import type { Tell } from "../../../src/worker/model/tells.ts";
import { appInstanceOf, deviceKeys, sha256 } from "../../../src/worker/objects/device-key.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { firstEvents, loadFeed, putEvent, putFeed } from "../../../src/worker/storage/events.ts";
import { eventsIn, NEXT_SECRET, type Received, SECRET, summaryOf } from "../../support/receiver.ts";
import { RESOURCE_ARN, USER_ARN } from "../../support/requests.ts";
import { configure, registerDevice, userNamed } from "../../support/user-object.ts";

const EVENTS_URL = "https://receiver.example.com/hook?key=what-nobody-may-read";
const INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/events";
const ALICE = `${INSTANCE}/user/alice`;
const BOB = `${INSTANCE}/user/bob`;
const DEVICE = deviceKeys(INSTANCE)({ type: "GCM", resourceArn: RESOURCE_ARN, deviceToken: "token-1" });

type Shard = DurableObjectStub<Directory>;
const shards = (env as unknown as { DIRECTORY: DurableObjectNamespace<Directory> }).DIRECTORY;

let shard: Shard;
let received: Received[];
let answer: (signal: AbortSignal) => Response | Promise<Response>;
let logged: string[];
let warned: string[];
let unconfigure: () => void;

beforeEach(() => {
  unconfigure = configure({
    DEVICES: "move",
    SAME_DEVICE: "adopt",
    EVENTS_URL,
    EVENTS_SECRETS: JSON.stringify([SECRET]),
  });
  shard = shards.getByName(crypto.randomUUID());
  received = [];
  logged = [];
  warned = [];
  answer = () => new Response(null, { status: 204 });
  vi.spyOn(console, "error").mockImplementation((line) => void logged.push(line));
  vi.spyOn(console, "warn").mockImplementation((line) => void warned.push(line));
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    expect([url, init?.redirect, init?.method]).toEqual([EVENTS_URL, "manual", "POST"]);
    received.push({ headers: init?.headers as Record<string, string>, body: String(init?.body) });
    return answer(init?.signal as AbortSignal);
  });
});
afterEach(async () => {
  // So that the next test's receiver hears of nothing else.
  await runInDurableObject(shard, (_, { storage }) => Promise.all([storage.deleteAll(), storage.deleteAlarm()]));
  unconfigure();
  vi.restoreAllMocks();
});

function tell(userArn: string, tell: Omit<Tell, "device">) {
  return shard.tell(userArn, [{ device: DEVICE, ...tell }]);
}

function registered(userArn: string, endpointId: string, at = Date.now()) {
  return tell(userArn, { kind: "hold", endpointId, at, change: "registered" });
}

function waiting(): Promise<WaitingEvent[]> {
  return runInDurableObject(shard, (_, { storage }) => firstEvents(storage.kv, 1_000_000));
}

/** Has the receiver's time come, and waits for what becomes of that. */
async function tryAgain(): Promise<void> {
  const before = received.length;
  await runInDurableObject(shard, async (_, { storage }) => {
    putFeed(storage.kv, { ...loadFeed(storage.kv), at: Date.now() });
    await storage.setAlarm(Date.now());
  });
  await runDurableObjectAlarm(shard);
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(before), { timeout: 10_000 });
}

/** All that was told, which all of it is signed. */
function told(secret?: string) {
  return received.flatMap((batch) => eventsIn(batch, secret));
}

const delivered = (count: number) => vi.waitFor(() => expect(told()).toHaveLength(count), { timeout: 10_000 });
const emptied = () => vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 10_000 });

describe("a shard of the Directory with EVENTS_URL", () => {
  it("tells what becomes of an endpoint, in the order in which it heard of it", async () => {
    const now = Date.now();
    await registered(ALICE, "e1", now);
    await tell(ALICE, {
      kind: "hold",
      endpointId: "e1",
      at: now,
      change: "registered",
      note: "updated",
      happenedAt: now + 1,
    });
    await tell(ALICE, { kind: "note", endpointId: "e1", at: now, note: "deactivated", happenedAt: now + 2 });
    const again = { kind: "hold", endpointId: "e1", at: now + 3, change: "rotated" } as const;
    await tell(ALICE, { ...again, note: "reactivated", happenedAt: now + 3 });
    await registered(BOB, "e2", now + 4);
    await tell(BOB, { kind: "release", endpointId: "e2", at: now + 4, change: "deregistered", happenedAt: now + 5 });
    await tell(BOB, { kind: "erased", endpointId: "", at: now + 6, endpoints: 1 });
    await delivered(8);
    const time = (ms: number) => new Date(now + ms).toISOString();
    expect(told().map(summaryOf)).toEqual([
      `registered e1 ${time(0)}`,
      `updated e1 ${time(1)}`,
      `deactivated e1 ${time(2)}`,
      `reactivated e1 ${time(3)}`,
      `registered e2 ${time(4)}`,
      `moved e1 ${time(4)}`,
      `deregistered e2 ${time(5)}`,
      `erased ${sha256(BOB)} ${time(6)}`,
    ]);
    const [first, , , , , moved, , erased] = told();
    expect(first).toMatchObject({
      id: `e1/registered/${now}`,
      source: INSTANCE,
      type: "rollcall.endpoint.registered",
      data: { AppInstanceUserArn: ALICE, EndpointId: "e1" },
    });
    expect(moved?.data).toEqual({
      ...{ AppInstanceUserArn: ALICE, EndpointId: "e1" },
      MovedTo: { AppInstanceUserArn: BOB, EndpointId: "e2" },
    });
    expect(erased).toMatchObject({ type: "rollcall.user.erased", source: INSTANCE });
    expect(erased?.data).toEqual({
      ...{ AppInstanceUserArn: BOB, Endpoints: 1, ErasedTimestamp: time(6) },
      ...{ UndeliveredEventsKeptDays: 3, RecoveryCopiesKeptDays: 30 },
    });
    // Attributes are logged and routed by; nothing of them names a user.
    const attributes = told().map(({ data: _, ...event }) => JSON.stringify(event));
    expect(attributes.filter((text) => text.includes("/user/"))).toEqual([]);
    await emptied();
  });

  it("tells what is repeated once, or by the same id", async () => {
    const now = Date.now();
    for (let times = 0; times < 3; times++) {
      await registered(ALICE, "e1", now);
      await tell(ALICE, { kind: "note", endpointId: "e1", at: now, note: "updated", happenedAt: now + 1 });
    }
    for (let times = 0; times < 3; times++) {
      await tell(ALICE, { kind: "release", endpointId: "e1", at: now, change: "deregistered", happenedAt: now + 2 });
    }
    await emptied();
    const ids = told().map(({ id }) => id);
    expect([...new Set(ids)]).toEqual([`e1/registered/${now}`, `e1/updated/${now + 1}`, `e1/deregistered/${now + 2}`]);
    expect(ids.filter((id) => id.includes("registered"))).toHaveLength(2);
  });

  it("tells nothing of a launch that only confirms a token", async () => {
    const now = Date.now();
    await registered(ALICE, "e1", now);
    await tell(ALICE, { kind: "hold", endpointId: "e1", at: now + 5, change: "rotated" });
    await emptied();
    expect(told().map(({ id }) => id)).toEqual([`e1/registered/${now}`]);
  });

  it("tells that a device is taken back", async () => {
    const now = Date.now();
    await registered(ALICE, "e1", now);
    await registered(BOB, "e2", now + 1);
    await tell(ALICE, { kind: "hold", endpointId: "e1", at: now + 2, change: "rotated" });
    await emptied();
    expect(told().map((event) => summaryOf(event).split(" ", 2).join(" "))).toEqual([
      ...["registered e1", "registered e2", "moved e1", "reactivated e1", "moved e2"],
    ]);
  });

  it("tells that the former user has it after all, where that user's object knows better", async () => {
    const arn = USER_ARN;
    const alice = userNamed(objectName(arn));
    const endpointId = await registerDevice(alice, 1, { clientRequestToken: crypto.randomUUID() });
    const device = deviceKeys(appInstanceOf(arn))({ type: "GCM", resourceArn: RESOURCE_ARN, deviceToken: "device-1" });
    const now = Date.now();
    // The Directory has heard of an earlier naming only, and of bob's since.
    await shard.tell(arn, [{ kind: "hold", device, endpointId, at: now - 60_000, change: "registered" }]);
    await shard.tell(BOB, [{ kind: "hold", device, endpointId: "e2", at: now - 30_000, change: "registered" }]);
    await vi.waitFor(async () => expect(await shard.lookUp(device)).toMatchObject([{ userArn: arn }]), {
      timeout: 10_000,
    });
    await emptied();
    expect(told().map((event) => summaryOf(event).split(" ", 2).join(" "))).toEqual([
      ...[`registered ${endpointId}`, "registered e2", `moved ${endpointId}`, `reactivated ${endpointId}`, "moved e2"],
    ]);
  });

  it("tells that the earlier endpoint is no more where a user's device has another one", async () => {
    const now = Date.now();
    await registered(ALICE, "e1", now);
    await registered(ALICE, "e2", now + 1);
    // What was lost on the way comes late.
    await tell(ALICE, { kind: "release", endpointId: "e1", at: now, change: "deregistered", happenedAt: now });
    await emptied();
    expect(told().map((event) => summaryOf(event).split(" ", 2).join(" "))).toEqual([
      ...["registered e1", "deregistered e1", "registered e2"],
    ]);
  });

  it("signs by both secrets while they are changed", async () => {
    unconfigure();
    unconfigure = configure({
      ...{ DEVICES: "move", SAME_DEVICE: "adopt", EVENTS_URL },
      EVENTS_SECRETS: JSON.stringify([NEXT_SECRET, SECRET]),
    });
    await registered(ALICE, "e1");
    await delivered(1);
    expect(told(NEXT_SECRET)).toEqual(told(SECRET));
    expect(() => told(`whsec_${btoa("the secret of somebody else")}`)).toThrow("No matching signature");
  });
});

describe("what an event costs", () => {
  /** Rows that a new device of a new user writes, where no alarm has to be set for it. */
  const cost = (n: number) =>
    runInDurableObject(shard, (directory: Directory, { storage }) => {
      const changes = () => Number(storage.sql.exec("SELECT total_changes() AS n").one().n);
      const before = changes();
      const tell = {
        kind: "hold",
        device: `i/A${n}`,
        endpointId: `e${n}`,
        at: Date.now(),
        change: "registered",
      } as const;
      directory.tell(`${INSTANCE}/user/${n}`, [tell]);
      return changes() - before;
    });

  it("is a row, and nothing without EVENTS_URL", async () => {
    answer = () => new Response(null, { status: 503 });
    await registered(ALICE, "e1");
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 10_000 });
    expect(await cost(1)).toBe(2);
    unconfigure();
    unconfigure = configure({ DEVICES: "move", SAME_DEVICE: "adopt" });
    await evictDurableObject(shard);
    expect(await cost(2)).toBe(1);
  });
});

describe("a receiver that is down", () => {
  it("gets, an hour later, every event once, in batches that are what they were", async () => {
    answer = () => new Response("not now", { status: 503 });
    await registered(ALICE, "e0");
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });
    for (let n = 1; n <= 150; n++) {
      await registered(ALICE, `e${n}`, Date.now() + n);
    }
    const now = Date.now();
    for (let minutes = 1; minutes <= 60; minutes++) {
      vi.setSystemTime(now + minutes * 60_000);
      await tryAgain();
    }
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers["webhook-timestamp"])).size).toBeGreaterThan(50);
    vi.useRealTimers();
    received = [];
    answer = () => new Response(null, { status: 200 });
    await tryAgain();
    await emptied();
    // 151 registrations, and that each but the last endpoint was replaced.
    const ids = told().map(({ id }) => id);
    expect(ids).toHaveLength(301);
    expect(new Set(ids).size).toBe(301);
    expect(received.map((batch) => eventsIn(batch).length)).toEqual([1, 100, 100, 100]);
  });

  it("is tried again after 5 s, twice that each time, and an hour at the most", async () => {
    answer = () => new Response(null, { status: 500 });
    await registered(ALICE, "e1");
    const waits: number[] = [];
    for (let times = 1; times <= 12; times++) {
      await vi.waitFor(() => expect(logged).toHaveLength(times), { timeout: 10_000 });
      const { at } = await runInDurableObject(shard, (_, { storage }) => loadFeed(storage.kv));
      waits.push(Math.round((at - Date.now()) / 1_000));
      await tryAgain();
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]);
  });

  it("is tried again after 5 s with the batch that follows one that was taken at last", async () => {
    const answers = [500, 500, 200, 500];
    answer = () => new Response(null, { status: answers.shift() ?? 500 });
    await registered(ALICE, "e1");
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 10_000 });
    await tryAgain();
    await registered(BOB, "e2");
    await tryAgain();
    await vi.waitFor(() => expect(logged).toHaveLength(3), { timeout: 10_000 });
    const { failures, at } = await runInDurableObject(shard, (_, { storage }) => loadFeed(storage.kv));
    expect([failures, Math.round((at - Date.now()) / 1_000)]).toEqual([1, 5]);
  });

  it.each<[string, () => Response | Promise<Response>, string]>([
    ["redirects", () => new Response(null, { status: 302, headers: { location: "http://10.0.0.1/" } }), "status 302"],
    ["refuses", () => new Response("gone", { status: 410 }), "status 410"],
    ["can't be reached", () => Promise.reject(new TypeError(`connect to ${EVENTS_URL}`)), "unreachable"],
  ])("that %s is told of once each time, without its address", async (_, answers, error) => {
    answer = answers;
    await registered(ALICE, "e1");
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 10_000 });
    await tryAgain();
    await vi.waitFor(() => expect(logged).toHaveLength(2), { timeout: 10_000 });
    expect(warned).toEqual([]);
    expect(logged.map((line) => JSON.parse(line))).toEqual(
      [1, 2].map((failures) => ({ event: "events_not_delivered", events: 1, failures, error })),
    );
    expect(await waiting()).toHaveLength(1);
  });

  it("holds up no call and no loser while it never answers, and is left after ten seconds", async () => {
    const { setTimeout: real } = globalThis;
    const waits: number[] = [];
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms: number) => {
      waits.push(ms);
      return real(run, ms === 10_000 ? 2_000 : ms);
    }) as typeof setTimeout);
    answer = (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await registered(ALICE, "e1");
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });
    await registered(BOB, "e2", Date.now() + 1);
    const losers = () =>
      runInDurableObject(shard, (_, { storage }) => [...storage.kv.list({ prefix: "loser/" })].length);
    await vi.waitFor(async () => expect(await losers()).toBe(0), { timeout: 1_500 });
    expect(logged).toEqual([]);
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 5_000 });
    expect(JSON.parse(logged[0] ?? "").error).toBe("no answer in time");
    expect(waits).toContain(10_000);
  });

  it("is told of to operators, with how much waits and for how long", async () => {
    answer = () => new Response(null, { status: 503 });
    await registered(ALICE, "e1");
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 10_000 });
    await registered(BOB, "e2", Date.now() + 1);
    const [first] = await waiting();
    await runInDurableObject(shard, (_, { storage }) => {
      putEvent(storage.kv, { ...(first as WaitingEvent), writtenAt: Date.now() - 60_000 });
    });
    warned = [];
    await tryAgain();
    await vi.waitFor(() => expect(warned).toHaveLength(1), { timeout: 10_000 });
    const waits = {
      event: "directory_waits",
      losers: 0,
      losersForSeconds: 0,
      events: 3,
      eventsForSeconds: 60,
      bytes: expect.any(Number),
    };
    expect(JSON.parse(warned[0] ?? "")).toEqual(waits);
  });

  it("of three days costs the events that are older, of which it is told", async () => {
    answer = () => new Response(null, { status: 503 });
    const now = Date.now();
    await registered(ALICE, "e", now);
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 10_000 });
    for (let n = 0; n < 5; n++) {
      await registered(`${INSTANCE}/user/${n}`, `e${n}`, now + n);
    }
    const events = await waiting();
    const kept = events.slice(-2).map(({ seq }) => seq);
    await runInDurableObject(shard, (_, { storage }) => {
      for (const event of events.filter(({ seq }) => !kept.includes(seq))) {
        putEvent(storage.kv, { ...event, writtenAt: now - EVENTS_KEPT_MS });
      }
    });
    received = [];
    answer = () => new Response();
    await tryAgain();
    await emptied();
    const [dropped, ...others] = told();
    expect(others).toHaveLength(2);
    expect(dropped).toMatchObject({ type: "rollcall.events.dropped", source: "urn:rollcall:directory" });
    expect(dropped?.subject).toBeUndefined();
    const { at: from = 0 } = events[0] ?? {};
    const { at: to = 0 } = events.at(-3) ?? {};
    expect(dropped?.data).toEqual({
      ...{ Count: events.length - 2, From: new Date(from).toISOString(), To: new Date(to).toISOString() },
    });
  });

  it("is kept no more than 100,000 events for by one shard", async () => {
    answer = () => new Response(null, { status: 503 });
    await registered(ALICE, "e1");
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 10_000 });
    const [first] = await waiting();
    await runInDurableObject(shard, (_, { storage }) => {
      putEvent(storage.kv, { ...(first as WaitingEvent), seq: EVENTS_PER_SHARD_MAX - 1 });
    });
    await registered(BOB, "e2", Date.now() + 1);
    const kept = await waiting();
    expect(kept[0]).toMatchObject({ type: "events.dropped", dropped: { count: 4 } });
  });
});

describe("a shard of the Directory without EVENTS_URL any more", () => {
  it("drops what is left, and writes no more", async () => {
    answer = () => new Response(null, { status: 503 });
    await registered(ALICE, "e1");
    await vi.waitFor(() => expect(logged).toHaveLength(1), { timeout: 10_000 });
    unconfigure();
    unconfigure = configure({ DEVICES: "move", SAME_DEVICE: "adopt" });
    await evictDurableObject(shard);
    await runDurableObjectAlarm(shard);
    expect(await waiting()).toEqual([]);
    await registered(BOB, "e2", Date.now() + 1);
    expect(await waiting()).toEqual([]);
    expect(received).toHaveLength(1);
  });
});
