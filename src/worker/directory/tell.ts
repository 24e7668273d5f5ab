import { waitUntil } from "cloudflare:workers";
import type { DirectoryNamespace, Heard } from "../model/directory-calls.ts";
import type { UserFailure } from "../model/failure.ts";
import type { Placement } from "../model/placement.ts";
import type { Tell, Tells } from "../model/tells.ts";
import type { UserNamespace } from "../model/user-rpcs.ts";
import { appInstanceOf, shardOf } from "../objects/device-key.ts";
import { objectFor, objectName } from "../objects/place.ts";
import { reach, reachWorking, whyUnreached } from "../objects/reach.ts";

/** The objects that are told, and where they are. */
export interface Told {
  readonly shards: DirectoryNamespace;
  readonly users: UserNamespace;
  readonly placement: Placement;
}

/** How many devices other users have lost, or why the Directory does not know. */
export type Telling =
  | { readonly kind: "told"; readonly moved: number }
  | UserFailure
  | { readonly kind: "unreached"; readonly fault: Error };

/**
 * Tells the Directory what has become of a user's devices, and goes on with it if the caller hangs up: else it would hear of the change
 * only when the app is next launched. Throws what an object threw: a bug.
 */
export async function tellDirectory(objects: Told, userArn: string, tells: Tells): Promise<Telling> {
  const telling = tellAll(objects, userArn, tells);
  waitUntil(telling.catch(() => undefined));
  try {
    return await telling;
  } catch (error) {
    if (whyUnreached(error) === undefined) {
      throw error;
    }
    return { kind: "unreached", fault: error as Error };
  }
}

/**
 * A call that presented a device and wrote nothing may hear that another user has taken it. Then it is written after all, once, unless
 * that user named the device later than this call was made. Whoever takes it after that has come during the call.
 */
async function tellAll(
  objects: Told,
  userArn: string,
  { tells, presents, now }: Tells,
): Promise<Exclude<Telling, { kind: "unreached" }>> {
  const first = await tellShards(objects, userArn, tells);
  const moved = first.filter(({ moved }) => moved).length;
  const notHeld = first.find(({ tell: { kind }, standing = Infinity }) => kind === "hold" && standing <= now);
  if (!presents || notHeld?.standing === undefined) {
    return { kind: "told", moved };
  }
  const { device, endpointId } = notHeld.tell;
  const taken = {
    appInstanceArn: appInstanceOf(userArn),
    device,
    endpointId,
    calledAt: now,
    standing: notHeld.standing,
  };
  const { users, placement } = objects;
  const written = await reach(() => objectFor(users, placement, userArn, objectName(userArn)).writeNotHeld(taken));
  if ("kind" in written) {
    return written;
  }
  const second = await tellShards(objects, userArn, written);
  return { kind: "told", moved: moved + second.filter(({ moved }) => moved).length };
}

async function tellShards({ shards, placement }: Told, userArn: string, tells: readonly Tell[]) {
  const byShard = Map.groupBy(tells, ({ device }) => shardOf(device));
  const heard = await Promise.all(
    Array.from(byShard, async ([shard, some]): Promise<(Heard & { tell: Tell })[]> => {
      const answers = await reachWorking(() => objectFor(shards, placement, userArn, shard).tell(userArn, some));
      return some.map((tell, n) => ({ ...answers[n], tell }));
    }),
  );
  return heard.flat();
}
