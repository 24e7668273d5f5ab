import { DurableObject } from "cloudflare:workers";
import { type Config, type Env, readConfig } from "./config.ts";
import type { Decision } from "./core/decision.ts";
import { decideDeregister } from "./core/deregister.ts";
import { decideDescribe } from "./core/describe.ts";
import { nextEndpointId, RANDOM_BYTES } from "./core/endpoint-id.ts";
import { decideList } from "./core/list.ts";
import { decidePurge } from "./core/purge.ts";
import { decideRegister } from "./core/register.ts";
import { decideReport } from "./core/report.ts";
import { decideResolve } from "./core/resolve.ts";
import { type TokenBucket, take } from "./core/token-bucket.ts";
import { decideUpdate } from "./core/update.ts";
import { PURGE_PAUSE_MS, SENDER_RATE_TIMES } from "./model/limits.ts";
import type { Rate } from "./model/rate.ts";
import type { Answer, RequestOf, ResponseOf, UserRpc, UserRpcs } from "./model/user-rpcs.ts";
import { applyChanges, loadRow, loadRows, NewerRowError, rowsAfter, StorageError } from "./storage/rows.ts";

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
export class AppInstanceUser extends DurableObject<Env> implements UserRpcs {
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
    return this.#serve("registerAppInstanceUserEndpoint", (kv, now) =>
      decideRegister(loadRows(kv), request, {
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
    return this.#serve("updateAppInstanceUserEndpoint", (kv, now) =>
      decideUpdate(loadRow(kv, request.endpointId), request, now, () => loadRows(kv)),
    );
  }

  deregisterAppInstanceUserEndpoint(request: RequestOf<"deregisterAppInstanceUserEndpoint">) {
    return this.#serve("deregisterAppInstanceUserEndpoint", (kv, now) => decideDeregister(loadRows(kv), request, now));
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
    return this.#serve(
      "reportAppInstanceUserEndpointFailures",
      (kv, now) => decideReport((endpointId) => loadRow(kv, endpointId), request, now),
      senderRate(this.#config),
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
      const rows = loadRows(storage.kv);
      const purge = decidePurge(rows, now);
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
    try {
      const { answer, ...changes } = decide(this.ctx.storage.kv, now);
      applyChanges(this.ctx.storage, changes);
      return answer;
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
}

/** A sender serves all of an app: it may ask for one user, in whichever groups that user is, more often than the user's own devices. */
function senderRate({ operationRate: { perSecond, burst } }: Config): Rate {
  return { perSecond: perSecond * SENDER_RATE_TIMES, burst: burst * SENDER_RATE_TIMES };
}

/** Logs a failure that callers do not see as it is. */
function reportFailure(what: { event: string; rpc?: UserRpc }, error: unknown): void {
  console.error(JSON.stringify({ ...what, error: error instanceof Error ? error.stack : String(error) }));
}
