import { DurableObject } from "cloudflare:workers";
import { type Config, type Env, readConfig } from "./config.ts";
import type { Decision } from "./core/decision.ts";
import { nextEndpointId, RANDOM_BYTES } from "./core/endpoint-id.ts";
import { decideRegister } from "./core/register.ts";
import { type TokenBucket, take } from "./core/token-bucket.ts";
import type { Row } from "./model/endpoint.ts";
import type {
  Answer,
  RegisterAppInstanceUserEndpointRequest,
  RegisterAppInstanceUserEndpointResponse,
} from "./model/operations.ts";
import { loadRows, NewerRowError, putRow } from "./storage/rows.ts";

/** What a caller waits before it tries again while a deploy is under way; the move to a new version takes seconds. */
const DEPLOY_RETRY_MS = 1_000;

/**
 * One AppInstanceUser: the single place where that user's calls are put in an order.
 *
 * Each method is one operation, named as in the proto; methods cross RPC, so they take and return one plain object,
 * and expected failures are returned, not thrown. Each runs as one synchronous step (throttle, load, decide, apply):
 * with no `await` between the read and the write, no other call can come between, and the runtime holds the answer
 * back until the write is durable.
 */
export class AppInstanceUser extends DurableObject<Env> {
  readonly #config: Config;

  /** By operation. In memory, because the runtime keeps an object that is called within BUCKET_REFILL_MAX_MS; a crash or a deploy allows one burst more. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#config = readConfig(env);
  }

  registerAppInstanceUserEndpoint(
    request: RegisterAppInstanceUserEndpointRequest,
  ): Answer<RegisterAppInstanceUserEndpointResponse> {
    return this.#serve("registerAppInstanceUserEndpoint", (rows, now) =>
      decideRegister(rows, request, {
        now,
        endpointsMax: this.#config.endpointsPerUser,
        newId: (after) => nextEndpointId(after, now, crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))),
      }),
    );
  }

  #serve<Response>(operation: string, decide: (rows: Row[], now: number) => Decision<Response>): Answer<Response> {
    const now = Date.now();
    const { bucket, waitMs } = take(this.#buckets.get(operation), this.#config.operationRate, now);
    this.#buckets.set(operation, bucket);
    if (waitMs > 0) {
      return { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: waitMs };
    }
    const { kv } = this.ctx.storage;
    try {
      const { answer, put } = decide(loadRows(kv), now);
      if (put !== undefined) {
        putRow(kv, put);
      }
      return answer;
    } catch (error) {
      if (error instanceof NewerRowError) {
        return { kind: "unavailable", reason: "VERSION_MISMATCH", retryAfterMs: DEPLOY_RETRY_MS };
      }
      throw error;
    }
  }
}
