import type { Failure } from "../model/failure.ts";
import { PAGE_HOLDINGS_MAX, SHARDS_A_PAGE_MAX } from "../model/limits.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { instanceKey, SHARDS } from "../objects/device-key.ts";
import { objectFor } from "../objects/place.ts";
import { reachWorking } from "../objects/reach.ts";
import { bytesOf, seal, unseal } from "../seal.ts";
import type { MayKnow } from "./lookup.ts";
import type { Told } from "./tell.ts";

type Request = RequestOf<"listEndpointsByAppInstance">;
type Response = ResponseOf<"listEndpointsByAppInstance">;

/**
 * Answers a page of an app instance's endpoints, shard after shard. A page ends when it is full, or when as many shards were asked as one
 * call may. Throws what the runtime threw where a shard could not be reached.
 */
export async function listByAppInstance(
  { shards, placement }: Told,
  { appInstanceArn, maxResults = PAGE_HOLDINGS_MAX, nextToken }: Request,
  mayKnow: MayKnow,
): Promise<Response | Failure> {
  const shard = (name: string) => objectFor(shards, placement, appInstanceArn, name);
  const secret = await reachWorking(() => shard(SHARDS.charAt(0)).secret());
  const start = nextToken === "" ? "" : await positionOf(nextToken, secret, appInstanceArn);
  if (start === undefined) {
    return { kind: "invalid", reason: "NEXT_TOKEN_INVALID" };
  }
  const instance = instanceKey(appInstanceArn);
  const endpoints: { appInstanceUserArn: string; endpointId: string }[] = [];
  let [n, after, left] = [Math.max(0, SHARDS.indexOf(start.charAt(0))), start.slice(1), maxResults];
  for (let asked = 0; n < SHARDS.length && left > 0 && asked < SHARDS_A_PAGE_MAX; asked++) {
    const count = left;
    const listed = await reachWorking(() => shard(SHARDS.charAt(n)).list(instance, after, count));
    for (const { holding } of listed.filter(({ holding: { userArn } }) => mayKnow(userArn))) {
      endpoints.push({ appInstanceUserArn: holding.userArn, endpointId: holding.endpointId });
    }
    left -= listed.length;
    const isDone = listed.length < count;
    after = isDone ? "" : (listed.at(-1)?.key ?? "");
    n += isDone ? 1 : 0;
  }
  return {
    endpoints,
    nextToken: n < SHARDS.length ? await seal(SHARDS.charAt(n) + after, secret, labelOf(appInstanceArn)) : "",
  };
}

/** Where a page goes on, or undefined if the token was not issued for this list. */
async function positionOf(token: string, secret: string, appInstanceArn: string): Promise<string | undefined> {
  const bytes = bytesOf(token);
  return bytes && unseal(bytes, secret, labelOf(appInstanceArn));
}

/**
 * A position is a hash of a user's ARN, of whom the caller may not know; so it is not only signed. A label may be no longer than 1,024
 * bytes, and an ARN may.
 */
function labelOf(appInstanceArn: string): string {
  return `rollcall/list/${instanceKey(appInstanceArn)}`;
}
