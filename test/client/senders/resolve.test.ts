import { create } from "@bufbuild/protobuf";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ResolveAppInstanceUserEndpointsResponse,
  ResolveAppInstanceUserEndpointsResponseSchema as Response,
} from "../../../src/client/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { RollcallError, type RollcallFailure } from "../../../src/client/index.ts";
import { type Resolution, type ResolveOptions, resolveEndpoints } from "../../../src/client/senders.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** What the server answers to one call, the n-th, about these users. */
type Answer = (arns: string[], call: number, signal: AbortSignal) => Failed | Promise<Failed> | undefined;
/** The errors by user, or what the whole call fails with. */
type Failed = Record<string, { code?: string; afterSeconds?: number }> | RollcallFailure["kind"] | RollcallError;

function serverThat(answer: Answer = () => undefined) {
  const asked: { arns: string[]; at: number; resourceArn: string | undefined }[] = [];
  let [now, most] = [0, 0];
  const rollcall = {
    async resolveAppInstanceUserEndpoints(
      { appInstanceUserArns = [], resourceArn }: { appInstanceUserArns?: string[]; resourceArn?: string },
      { signal = new AbortController().signal }: { signal?: AbortSignal } = {},
    ): Promise<ResolveAppInstanceUserEndpointsResponse> {
      asked.push({ arns: appInstanceUserArns, at: performance.now(), resourceArn });
      most = Math.max(most, ++now);
      try {
        await new Promise((resolve) => setTimeout(resolve, 10));
        const errors = (await answer(appInstanceUserArns, asked.length, signal)) ?? {};
        if (errors instanceof RollcallError) {
          throw errors;
        }
        if (typeof errors === "string") {
          throw new RollcallError("no", { kind: errors } as RollcallFailure);
        }
        return create(Response, {
          users: appInstanceUserArns
            .filter((arn) => errors[arn] === undefined)
            .map((appInstanceUserArn) => ({
              appInstanceUserArn,
              endpoints: [{ endpointId: `of ${appInstanceUserArn}`, endpointAttributes: { deviceToken: "t" } }],
            })),
          errors: Object.entries(errors).map(([appInstanceUserArn, { code = "Throttled", afterSeconds }]) => ({
            ...{ appInstanceUserArn, errorCode: code, errorMessage: "wait" },
            ...(afterSeconds !== undefined && { retryAfterSeconds: afterSeconds }),
          })),
        });
      } finally {
        now--;
      }
    },
  };
  return { asked, rollcall: rollcall as Parameters<typeof resolveEndpoints>[0], most: () => most };
}

/** Reads it all, in however much time it takes. */
async function all(
  server: ReturnType<typeof serverThat>,
  arns: Iterable<string> | AsyncIterable<string>,
  options?: ResolveOptions,
): Promise<Resolution[]> {
  const read = (async () => {
    const resolutions: Resolution[] = [];
    for await (const resolution of resolveEndpoints(server.rollcall, arns, options)) {
      resolutions.push(resolution);
    }
    return resolutions;
  })();
  read.catch(() => {});
  await vi.runAllTimersAsync();
  return read;
}

const users = (count: number) => Array.from({ length: count }, (_, n) => `user-${n}`);
const told = (resolutions: Resolution[]) => resolutions.map(({ appInstanceUserArn }) => appInstanceUserArn).toSorted();
const unresolved = (resolutions: Resolution[]) => resolutions.filter(({ kind }) => kind === "unresolved");

describe("users are resolved", () => {
  it("each once, by batches of a hundred, four at a time", async () => {
    const server = serverThat();
    const arns = users(1_050);
    const resolutions = await all(server, [...arns, ...arns]);
    expect(told(resolutions)).toEqual(arns.toSorted());
    expect(server.asked.map(({ arns }) => arns.length).toSorted((a, b) => a - b)).toEqual([50, ...Array(10).fill(100)]);
    expect(server.most()).toBe(4);
  });

  it("with as many calls at a time as is said, and of one application alone", async () => {
    const server = serverThat();
    await all(server, users(1_000), { concurrency: 2, resourceArn: "arn:of:an:app" });
    expect(server.most()).toBe(2);
    expect(server.asked.map(({ resourceArn }) => resourceArn)).toEqual(Array(10).fill("arn:of:an:app"));
  });

  it("without a call where there are none", async () => {
    const server = serverThat();
    expect(await all(server, [])).toEqual([]);
    expect(server.asked).toEqual([]);
  });

  it("from a source that comes slowly, and is read no further ahead than the calls", async () => {
    let read = 0;
    async function* slowly() {
      for (const user of users(2_000)) {
        read++;
        yield user;
      }
    }
    const server = serverThat();
    const resolving = resolveEndpoints(server.rollcall, slowly(), { concurrency: 2 });
    const first = resolving.next();
    await vi.runAllTimersAsync();
    expect((await first).value).toMatchObject({ kind: "resolved" });
    expect(read).toBeLessThanOrEqual(400);
    await resolving.return();
  });

  it("with what a push needs and what a report of it takes", async () => {
    const rollcall = {
      resolveAppInstanceUserEndpoints: async () =>
        create(Response, {
          users: [
            {
              appInstanceUserArn: "alice",
              endpoints: [
                {
                  ...{ endpointId: "e-1", type: 1, resourceArn: "app" },
                  endpointAttributes: { deviceToken: "740f", voipDeviceToken: "1aeb" },
                  deviceTokenTimestamp: { seconds: 1_764_108_000n },
                },
              ],
            },
          ],
        }),
    };
    const [resolution] = await all({ ...serverThat(), rollcall }, ["alice"]);
    expect(resolution).toEqual({
      kind: "resolved",
      appInstanceUserArn: "alice",
      endpoints: [
        {
          ...{ appInstanceUserArn: "alice", endpointId: "e-1", deviceToken: "740f", type: 1, resourceArn: "app" },
          confirmedAt: new Date(1_764_108_000_000),
          voip: { appInstanceUserArn: "alice", endpointId: "e-1", deviceToken: "1aeb" },
        },
      ],
    });
  });
});

describe("a user who is not served", () => {
  it("is asked for again alone, and not before the time that is named; the others are told at once", async () => {
    const server = serverThat((_, call) => (call === 1 ? { "user-3": { afterSeconds: 2 } } : undefined));
    const resolving = resolveEndpoints(server.rollcall, users(100));
    const before = Promise.all(Array.from({ length: 99 }, () => resolving.next()));
    await vi.advanceTimersByTimeAsync(20);
    expect((await before).map(({ value }) => value?.kind)).toEqual(Array(99).fill("resolved"));
    const last = resolving.next();
    await vi.runAllTimersAsync();
    expect((await last).value).toMatchObject({ kind: "resolved", appInstanceUserArn: "user-3" });
    expect(server.asked.map(({ arns }) => arns.length)).toEqual([100, 1]);
    expect((server.asked[1]?.at ?? 0) - (server.asked[0]?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
  });

  it("because the answer was full is asked for at once", async () => {
    const full = Object.fromEntries(
      users(100)
        .slice(40)
        .map((user) => [user, { afterSeconds: 0 }]),
    );
    const server = serverThat((_, call) => (call === 1 ? full : undefined));
    expect(unresolved(await all(server, users(100)))).toEqual([]);
    expect((server.asked[1]?.at ?? 0) - (server.asked[0]?.at ?? 0)).toBeLessThan(50);
  });

  it("ever is unresolved in the end, and said why; the time for it is bounded", async () => {
    const server = serverThat((arns) => (arns.includes("user-1") ? { "user-1": { afterSeconds: 1 } } : undefined));
    const resolutions = await all(server, users(300), { retryForMs: 5_000 });
    expect(unresolved(resolutions)).toEqual([
      {
        kind: "unresolved",
        appInstanceUserArn: "user-1",
        error: { errorCode: "Throttled", errorMessage: "wait" },
      },
    ]);
    expect(resolutions).toHaveLength(300);
    expect(server.asked.length).toBeLessThanOrEqual(3 + 5);
  });

  it("is not asked for all the while where no time is named between two that serve nobody", async () => {
    const server = serverThat(() => ({ "user-0": { afterSeconds: 0 } }));
    expect(unresolved(await all(server, ["user-0"], { retryForMs: 2_000 }))).toHaveLength(1);
    expect(server.asked.length).toBeLessThan(12);
  });

  it.each([{ code: "ServiceFailure" }, { code: "NewerWord" }])(
    "is not asked for again where no time is named: %j",
    async (error) => {
      const server = serverThat(() => ({ "user-0": error }));
      expect(unresolved(await all(server, users(2)))).toMatchObject([{ error: { errorCode: error.code } }]);
      expect(server.asked).toHaveLength(1);
    },
  );

  it("because the ARN is none is told so, and the others are asked for without", async () => {
    const violations = [{ field: "appInstanceUserArns[1]", ruleId: "string.pattern", message: "is no ARN" }];
    const server = serverThat((arns) =>
      arns.includes("user-1")
        ? new RollcallError("no", { kind: "invalid", reason: "CONSTRAINTS_VIOLATED", violations })
        : undefined,
    );
    const resolutions = await all(server, users(3));
    expect(unresolved(resolutions)).toEqual([
      {
        kind: "unresolved",
        appInstanceUserArn: "user-1",
        error: { errorCode: "BadRequest", errorMessage: "is no ARN" },
      },
    ]);
    expect(told(resolutions)).toEqual(users(3));
  });

  it("because the request is too large is asked for in a smaller one", async () => {
    const server = serverThat((arns) => (arns.length > 30 ? "too_large" : undefined));
    const resolutions = await all(server, users(100));
    expect(told(resolutions)).toEqual(users(100).toSorted());
    expect(unresolved(resolutions)).toEqual([]);
  });
});

describe("all of it", () => {
  it.each<RollcallFailure["kind"]>(["forbidden", "unauthenticated", "unimplemented", "internal", "unknown"])(
    "fails at once with what concerns the whole: %s",
    async (kind) => {
      const server = serverThat(() => kind);
      await expect(all(server, users(1_000))).rejects.toMatchObject({ failure: { kind } });
      expect(server.asked.length).toBeLessThanOrEqual(4);
    },
  );

  it.each(["resourceArn", "appInstanceUserArns", "appInstanceUserArns[100]"])(
    "fails with a constraint that is about none of the users: %s",
    async (field) => {
      const violations = [{ field, ruleId: "string.pattern", message: "is no ARN" }];
      const failure: RollcallFailure = { kind: "invalid", reason: "CONSTRAINTS_VIOLATED", violations };
      const server = serverThat(() => new RollcallError("no", failure));
      await expect(all(server, users(100), { resourceArn: "x" })).rejects.toMatchObject({ failure });
    },
  );

  it.each<RollcallFailure["kind"]>(["network", "unavailable", "throttled", "deadline_exceeded"])(
    "goes on where the server comes back: %s",
    async (kind) => {
      const server = serverThat((_, call) => (call <= 5 ? kind : undefined));
      expect(unresolved(await all(server, users(250)))).toEqual([]);
    },
  );

  it("fails where the server does not come back in time", async () => {
    const server = serverThat(() => "network");
    await expect(all(server, users(250), { retryForMs: 3_000 })).rejects.toMatchObject({
      failure: { kind: "network" },
    });
    expect(server.asked.length).toBeLessThan(20);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "does not begin with a concurrency of %s",
    async (concurrency) => {
      const server = serverThat();
      await expect(all(server, users(10), { concurrency })).rejects.toThrow(RangeError);
      expect(server.asked).toEqual([]);
    },
  );

  it("fails with what its source throws", async () => {
    async function* broken() {
      yield "user-0";
      throw new Error("the database is gone");
    }
    await expect(all(serverThat(), broken())).rejects.toThrow("the database is gone");
  });

  it("is ended by its signal: no other call is made, and those on their way are canceled", async () => {
    const ending = new AbortController();
    const signals: AbortSignal[] = [];
    const server = serverThat((_, call, signal) => {
      signals.push(signal);
      if (call === 4) {
        ending.abort();
      }
      return undefined;
    });
    await expect(all(server, users(5_000), { signal: ending.signal })).rejects.toMatchObject({
      failure: { kind: "canceled" },
    });
    expect(server.asked.length).toBeLessThanOrEqual(8);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it("is ended by its signal though its source never answers", async () => {
    const ending = new AbortController();
    async function* silent(): AsyncGenerator<string> {
      await new Promise(() => {});
    }
    setTimeout(() => ending.abort(), 100);
    await expect(all(serverThat(), silent(), { signal: ending.signal })).rejects.toMatchObject({
      failure: { kind: "canceled" },
    });
  });

  it("does not begin where its signal was aborted before", async () => {
    const server = serverThat();
    await expect(all(server, users(10), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      failure: { kind: "canceled" },
    });
    expect(server.asked).toEqual([]);
  });

  it("is over where whoever reads stops: its source is closed, and no other call is made", async () => {
    let isClosed = false;
    function* source() {
      try {
        yield* users(5_000);
      } finally {
        isClosed = true;
      }
    }
    const server = serverThat();
    const resolving = resolveEndpoints(server.rollcall, source());
    const first = resolving.next();
    await vi.runAllTimersAsync();
    await first;
    await resolving.return();
    await vi.runAllTimersAsync();
    expect(isClosed).toBe(true);
    expect(server.asked.length).toBeLessThanOrEqual(8);
  });
});
