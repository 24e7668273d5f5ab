import { claimedAtOf } from "../core/directory/order.ts";
import { typeOf } from "../core/enums.ts";
import type { Unavailable } from "../model/failure.ts";
import type { Holding } from "../model/holding.ts";
import { FAN_OUT_MAX, LOOKED_UP_MAX } from "../model/limits.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { deviceKeys, shardOf } from "../objects/device-key.ts";
import { fanOut } from "../objects/fan-out.ts";
import { objectFor, objectName } from "../objects/place.ts";
import { reachWorking } from "../objects/reach.ts";
import type { Told } from "./tell.ts";

type Request = RequestOf<"lookupAppInstanceUserEndpoints">;
type Response = ResponseOf<"lookupAppInstanceUserEndpoints">;

/** Whether a caller may know of a user. Others are left out, so that a Deny of its policy holds. */
export type MayKnow = (userArn: string) => boolean;

/** Makes room for a call of a user's object, by the object's name, or says how long to wait for it. */
export type Enter = (name: string) => Unavailable | undefined;

/**
 * Answers who has a device, as far as one call may ask them. Each of them is asked, because the Directory may hear late of a change; what a
 * user's object knows nothing of is forgotten, for nobody else would say so. Throws what the runtime threw where an object could not be
 * reached.
 */
export async function lookUp(
  { shards, users, placement }: Told,
  { appInstanceArn, resourceArn, deviceToken, ...request }: Request,
  { mayKnow, enter }: { mayKnow: MayKnow; enter: Enter },
): Promise<Response | Unavailable> {
  const device = deviceKeys(appInstanceArn)({ type: typeOf(request), resourceArn, deviceToken });
  const shard = () => objectFor(shards, placement, appInstanceArn, shardOf(device));
  const holdings = await reachWorking(() => shard().lookUp(device));
  const found: Holding[] = [];
  const gone: Holding[] = [];
  const full: Unavailable[] = [];
  const ask = async (holding: Holding) => {
    const { userArn, endpointId } = holding;
    const name = objectName(userArn);
    const noRoom = enter(name);
    if (noRoom !== undefined) {
      full.push(noRoom);
      return;
    }
    const user = () => objectFor(users, placement, userArn, name);
    const [has] = await reachWorking(() => user().holds({ appInstanceArn, asked: [{ device, endpointId }] }));
    (has ? found : gone).push(holding);
  };
  const known = holdings.filter(({ userArn }) => mayKnow(userArn)).slice(0, LOOKED_UP_MAX);
  await fanOut(known, FAN_OUT_MAX, ask, () => full.length === 0);
  if (gone.length > 0) {
    const released = gone.map((holding) => ({ ...releaseOf(holding), device, user: holding.user }));
    await reachWorking(() => shard().forget(released));
  }
  return full[0] ?? { endpoints: inOrder(found) };
}

function releaseOf(holding: Holding) {
  return { kind: "release", endpointId: holding.endpointId, at: claimedAtOf(holding) } as const;
}

function inOrder(holdings: readonly Holding[]) {
  return holdings
    .map(({ userArn, endpointId }) => ({ appInstanceUserArn: userArn, endpointId }))
    .sort((a, b) => (a.appInstanceUserArn < b.appInstanceUserArn ? -1 : 1));
}
