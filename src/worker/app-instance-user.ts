import { DurableObject } from "cloudflare:workers";
import { type Config, type Env, readConfig } from "./config.ts";
import type { Decision } from "./core/decision.ts";
import { decideDelete } from "./core/delete.ts";
import { decideDeregister } from "./core/deregister.ts";
import { decideDescribe } from "./core/describe.ts";
import { nextEndpointId, RANDOM_BYTES } from "./core/endpoint-id.ts";
import { decideList } from "./core/list.ts";
import { countNewDevices } from "./core/new-devices.ts";
import { decidePurge, expiredWithin } from "./core/purge.ts";
import { decideRegister } from "./core/register.ts";
import { decideReport } from "./core/report.ts";
import { decideResolve } from "./core/resolve.ts";
import { decideLoss, decideNotHeld } from "./core/take.ts";
import { holdOf, releasesOf, withTells } from "./core/tells.ts";
import { type TokenBucket, take } from "./core/token-bucket.ts";
import { decideUpdate } from "./core/update.ts";
import type { Changes } from "./model/changes.ts";
import type { StorageFailure, UserFailure } from "./model/failure.ts";
import { PURGE_PAUSE_MS, SENDER_RATE_TIMES } from "./model/limits.ts";
import type { Rate } from "./model/rate.ts";
import type { Tell } from "./model/tells.ts";
import type {
  Answer,
  DeviceCalls,
  HoldsAsked,
  Lost,
  NotHeld,
  RequestOf,
  ResponseOf,
  UserRpc,
  UserRpcs,
} from "./model/user-rpcs.ts";
import { appInstanceOf, deviceKeys, shardOf, userKey } from "./objects/device-key.ts";
import { userOf } from "./objects/place.ts";
import { reachWorking } from "./objects/reach.ts";
import { NewerRowError, StorageError } from "./storage/access.ts";
import { applyChanges, loadRow, loadRows, RowsBefore, rowsAfter } from "./storage/rows.ts";

/** What a caller waits before it tries again: a move to a new version takes seconds, and so may storage to come back. */
const RETRY_AFTER_MS = 1_000;

/**
 * One AppInstanceUser: the single place where that user's calls are put in an order.
 *
 * Each method is one rpc of the proto; methods cross RPC, so they take a message and answer what its response is made of, and
 * expected failures are returned, not thrown. Each runs as one synchronous step (throttle, load, decide, apply):
 * with no `await` between the read and the write, no other call can come between, and the runtime holds the answer
 * back until the write is durable.
 */
export class AppInstanceUser extends DurableObject<Env> implements UserRpcs, DeviceCalls {
  readonly #config: Config;

  /**
   * One for each rpc. In memory, because the runtime keeps an object that is called within BUCKET_REFILL_MAX_MS; a crash
   * or a deploy allows one burst more.
   */
  readonly #buckets = new Map<UserRpc, TokenBucket>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#config = readConfig(env);
  }

  registerAppInstanceUserEndpoint(request: RequestOf<"registerAppInstanceUserEndpoint">) {
    return this.#change("registerAppInstanceUserEndpoint", request.appInstanceUserArn, (rows, now) =>
      decideRegister(rows.all(), request, {
        now,
        endpointsMax: this.#config.endpointsPerUser,
        adopts: this.#config.adopts,
        staleAfterMs: this.#config.staleAfterMs,
        newId: (after) => nextEndpointId(after, now, crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))),
      }),
    );
  }

  describeAppInstanceUserEndpoint(request: RequestOf<"describeAppInstanceUserEndpoint">) {
    return this.#serve("describeAppInstanceUserEndpoint", (kv) =>
      decideDescribe(loadRow(kv, request.endpointId), request),
    );
  }

  listAppInstanceUserEndpoints(request: RequestOf<"listAppInstanceUserEndpoints">) {
    // The object's id is the same for as long as the user exists, and no caller ever sees it.
    return this.#serve("listAppInstanceUserEndpoints", (kv) =>
      decideList((after) => rowsAfter(kv, after), request, this.ctx.id.toString()),
    );
  }

  updateAppInstanceUserEndpoint(request: RequestOf<"updateAppInstanceUserEndpoint">) {
    return this.#change("updateAppInstanceUserEndpoint", request.appInstanceUserArn, (rows, now) =>
      decideUpdate(rows.one(request.endpointId), request, now, rows.all),
    );
  }

  deregisterAppInstanceUserEndpoint(request: RequestOf<"deregisterAppInstanceUserEndpoint">) {
    return this.#change("deregisterAppInstanceUserEndpoint", request.appInstanceUserArn, (rows, now) =>
      decideDeregister(rows.all(), request, now),
    );
  }

  deleteAppInstanceUser({ appInstanceUserArn }: RequestOf<"deleteAppInstanceUser">) {
    return this.#change("deleteAppInstanceUser", appInstanceUserArn, (rows, now) => decideDelete(rows.all(), now));
  }

  resolveAppInstanceUserEndpoints(request: RequestOf<"resolveAppInstanceUserEndpoints">) {
    const { staleAfterMs } = this.#config;
    return this.#serve(
      "resolveAppInstanceUserEndpoints",
      (kv, now) => decideResolve(rowsAfter(kv, ""), request, { now, staleAfterMs }),
      senderRate(this.#config),
    );
  }

  reportAppInstanceUserEndpointFailures(request: RequestOf<"reportAppInstanceUserEndpointFailures">) {
    const [{ appInstanceUserArn } = { appInstanceUserArn: "" }] = request.failures;
    return this.#change(
      "reportAppInstanceUserEndpointFailures",
      appInstanceUserArn,
      (rows, now) => decideReport(rows.one, request, now),
      senderRate(this.#config),
    );
  }

  loseDevice(lost: Lost) {
    const keys = deviceKeys(lost.appInstanceArn);
    const { newer, ...changes } = decideLoss(loadRows(this.ctx.storage.kv), lost, keys, Date.now());
    applyChanges(this.ctx.storage, changes);
    return newer === undefined ? {} : { newer: holdOf(newer, keys) };
  }

  writeNotHeld(notHeld: NotHeld) {
    return attempt("writeNotHeld", () => {
      const rows = new RowsBefore(this.ctx.storage.kv);
      const keys = deviceKeys(notHeld.appInstanceArn);
      const decided = decideNotHeld(rows.one(notHeld.endpointId), notHeld, keys);
      const counted = this.#countNewDevices(decided, rows, Date.now(), { isTaken: true });
      if ("kind" in counted) {
        return counted;
      }
      const { changes, tells } = withTells(counted, rows.one, keys);
      applyChanges(this.ctx.storage, changes);
      return tells;
    });
  }

  holds({ appInstanceArn, asked }: HoldsAsked) {
    const keys = deviceKeys(appInstanceArn);
    return attempt("holds", () =>
      asked.map(({ device, endpointId }) => {
        const row = loadRow(this.ctx.storage.kv, endpointId);
        return row?.state === "live" && keys(row) === device;
      }),
    );
  }

  /**
   * Purges what has expired; a user with nothing left leaves nothing behind. A purge that fails is tried again for
   * as long as it takes: the runtime gives an alarm up after six tries, so it must not see the failure.
   */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const { storage } = this.ctx;
    try {
      let rows = loadRows(storage.kv);
      const expired = expiredWithin(rows, now, shardOf);
      const released = expired.flatMap(releasesOf);
      if (released.length > 0) {
        await this.#forget(released);
        // Other calls may have come meanwhile.
        rows = loadRows(storage.kv);
      }
      const purge = decidePurge(rows, now, expired);
      if (purge.drop?.length === rows.length) {
        await storage.deleteAll();
      } else {
        applyChanges(storage, purge);
      }
    } catch (error) {
      reportFailure({ event: "purge_failed" }, error);
      await storage.setAlarm(now + PURGE_PAUSE_MS);
    }
  }

  /** Has the Directory forget once more what is purged: a late word of it may have come after the first time. */
  async #forget(released: readonly Tell[]): Promise<void> {
    const { DIRECTORY } = this.env;
    // The alarm knows the name too: developers.cloudflare.com/changelog/post/2026-03-15-durable-object-id-name
    const { jurisdiction, name = "" } = this.ctx.id;
    const shards = jurisdiction ? DIRECTORY?.jurisdiction(jurisdiction as DurableObjectJurisdiction) : DIRECTORY;
    const user = userOf(name);
    for (const [shard, tells] of Map.groupBy(released, ({ device }) => shardOf(device))) {
      await reachWorking(async () => shards?.getByName(shard).forget(tells.map((tell) => ({ ...tell, user }))));
    }
  }

  /** A call that may change what the user has: the Directory hears of that, where there is one. */
  #change<Rpc extends UserRpc>(
    rpc: Rpc,
    userArn: string,
    decide: (rows: RowsBefore, now: number) => Decision<ResponseOf<Rpc>>,
    rate?: Rate,
  ): Answer<ResponseOf<Rpc>> {
    if (this.#config.devices === undefined) {
      return this.#serve(rpc, (kv, now) => decide(new RowsBefore(kv), now), rate);
    }
    const keys = deviceKeys(appInstanceOf(userArn));
    return this.#serve(
      rpc,
      (kv, now) => {
        const rows = new RowsBefore(kv);
        const { answer, about, presents = false, erased, ...decided } = decide(rows, now);
        if (answer.kind !== "ok") {
          return { answer };
        }
        const counted = this.#countNewDevices(decided, rows, now);
        if ("kind" in counted) {
          return { answer: counted };
        }
        const { changes, tells } = withTells({ ...counted, about: about ?? [] }, rows.one, keys);
        const all = erased ? [...tells, erasedTell(userArn, erased)] : tells;
        // Of what moves no device, only the receiver of events is to hear.
        const heard = this.#config.events ? all : all.filter(({ kind }) => kind === "hold" || kind === "release");
        return { ...changes, answer: { ...answer, heard: { tells: heard, presents, now } } };
      },
      rate,
    );
  }

  #countNewDevices(
    changes: Changes,
    rows: RowsBefore,
    now: number,
    taken: { isTaken?: true } = {},
  ): Changes | UserFailure {
    return this.#config.devices === "move"
      ? countNewDevices(changes, { before: rows.one, loadAll: rows.all, now, ...taken })
      : changes;
  }

  #serve<Rpc extends UserRpc>(
    rpc: Rpc,
    decide: (kv: SyncKvStorage, now: number) => Decision<ResponseOf<Rpc>>,
    rate: Rate = this.#config.operationRate,
  ): Answer<ResponseOf<Rpc>> {
    const now = Date.now();
    const { bucket, waitMs } = take(this.#buckets.get(rpc), rate, now);
    this.#buckets.set(rpc, bucket);
    if (waitMs > 0) {
      return { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: waitMs };
    }
    return attempt(rpc, () => {
      const { answer, ...changes } = decide(this.ctx.storage.kv, now);
      applyChanges(this.ctx.storage, changes);
      return answer;
    });
  }
}

/** Storage that fails, or that a newer release wrote, is an answer: callers are asked to come back. Throws what else is thrown: a bug. */
function attempt<Result>(rpc: UserRpc | keyof DeviceCalls, call: () => Result): Result | StorageFailure {
  try {
    return call();
  } catch (error) {
    if (error instanceof NewerRowError) {
      return { kind: "unavailable", reason: "VERSION_MISMATCH", retryAfterMs: RETRY_AFTER_MS };
    }
    if (error instanceof StorageError) {
      reportFailure({ event: "storage_failed", rpc }, error);
      return { kind: "unavailable", reason: "STORAGE_FAILED", retryAfterMs: RETRY_AFTER_MS };
    }
    throw error;
  }
}

/** A sender serves all of an app: it may ask for one user, in whichever groups that user is, more often than the user's own devices. */
function senderRate({ operationRate: { perSecond, burst } }: Config): Rate {
  return { perSecond: perSecond * SENDER_RATE_TIMES, burst: burst * SENDER_RATE_TIMES };
}

/** For the shard that the user's hash chooses, as if the user were a device. */
function erasedTell(userArn: string, erased: NonNullable<Decision<unknown>["erased"]>): Tell {
  return { kind: "erased", device: userKey(userArn), endpointId: "", ...erased };
}

/** Logs a failure that callers do not see as it is. */
function reportFailure(what: { event: string; rpc?: UserRpc | keyof DeviceCalls }, error: unknown): void {
  console.error(JSON.stringify({ ...what, error: error instanceof Error ? error.stack : String(error) }));
}
