/** Rollcall on one machine: bare workerd, as `npm run serve` runs it. */
import { once } from "node:events";
import { join } from "node:path";
import { startWorkerd } from "../../src/serve/workerd/start.ts";
import { idIn } from "../calls/contestant.ts";
import { restWire } from "../calls/wires.ts";
import { openFiles } from "../load/account.ts";
import { untilAsleep } from "../load/asleep.ts";
import { pidOf, requireStatus, sendAll } from "../load/send-all.ts";
import { ROOM } from "../load/serve.ts";
import { accountOfTree, memoryOfTree } from "../load/tree.ts";
import { bytesIn } from "./folders.ts";
import { type Api, counted, type Peer } from "./peer.ts";
import { endWithThis, killTree } from "./processes.ts";

const VARIABLES = {
  ...{ LOCAL_MODE: "true", SAME_DEVICE: "adopt" },
  // The rates are for callers who are not one machine.
  ...{
    OPERATION_RATE_PER_SECOND: "1000",
    OPERATION_BURST: "10000",
    BATCHES_PER_CALLER: "1000000",
    ...ROOM,
  },
};

const DURABILITY = "an answer leaves when its rows are on the disk";

/** As many as a resolve may name. */
const RESOLVED_AT_ONCE = 100;

export interface Built {
  readonly bundle: string;
  readonly version: string;
}

/** Without a Directory, unless it is told to have one. */
export function rollcall(
  name: string,
  { bundle, version, isMoving = false, role = "ours" }: Built & Partial<Pick<Peer, "role">> & { isMoving?: boolean },
): Peer {
  const directory = isMoving ? { DEVICES: "move" } : {};
  return {
    name,
    role,
    what: `Rollcall ${version}, REST with SigV4, \`SAME_DEVICE=adopt\`${isMoving ? ", `DEVICES=move`" : ""}`,
    promises: {
      durability: DURABILITY,
      doubles: isMoving
        ? "a device is its last user's alone, and once with them"
        : "a device is once with each user, and with as many users as register it",
    },
    missing: () => undefined,
    install: () => undefined,
    start: async (folder, under = []) => {
      const data = join(folder, "data");
      const workerd = await startWorkerd({ bundle, data, variables: { ...VARIABLES, ...directory }, under });
      const roots = [pidOf(workerd)];
      endWithThis(pidOf(workerd), once(workerd.process, "exit"));
      const filesAtRest = openFiles(pidOf(workerd));
      return {
        url: workerd.url,
        account: () => accountOfTree(roots),
        api: restApi(workerd),
        untilAsleep: () => untilAsleep(workerd, filesAtRest, isMoving ? 2 : 1),
        stop: () => workerd.stop(),
        kill: () => killTree(roots),
        memory: () => memoryOfTree(roots),
        diskBytes: () => bytesIn(data),
      };
    },
  };
}

type Workerd = Awaited<ReturnType<typeof startWorkerd>>;

function restApi(workerd: Workerd): Api {
  const { register, relaunch, rotate, take, resolve } = restWire(workerd.url);
  return {
    ...{ register, registerAnew: relaunch, again: (user) => relaunch(user, 1), rotate, take },
    idIn: ({ body }) => idIn(body),
    held: async (users) => {
      const requests: Uint8Array[] = [];
      for (let n = 0; n < users.length; n += RESOLVED_AT_ONCE) {
        requests.push(await resolve(users.slice(n, n + RESOLVED_AT_ONCE)));
      }
      const { answers } = await sendAll(workerd, requests, 1);
      requireStatus("ok", answers);
      return counted(answers.flatMap(({ body }) => tokensIn(body)));
    },
  };
}

interface Resolved {
  readonly Users: readonly {
    readonly Endpoints: readonly { readonly EndpointAttributes: { DeviceToken: string } }[];
  }[];
  readonly Errors: readonly unknown[];
}

function tokensIn(body: string): string[] {
  const { Users, Errors } = JSON.parse(body) as Resolved;
  if (Errors.length > 0) {
    throw new Error(`not all users were resolved: ${Errors.length} were not`);
  }
  return Users.flatMap(({ Endpoints }) => Endpoints.map(({ EndpointAttributes }) => EndpointAttributes.DeviceToken));
}
