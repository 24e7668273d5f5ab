/**
 * The Worker, with gates on the ways between its objects: at each a word can be held up, lost or refused, before it has taken effect or
 * after. Attacks set them by a PUT of /gates, and hear by a GET how often each was met since. All objects of a workerd are in one isolate.
 */
import worker, { AppInstanceUser, Directory } from "../../src/worker/index.ts";

/** What the Worker tells the Directory, what that tells users' objects, and what the Worker then asks of them. */
type Call = "tell" | "loseDevice" | "writeNotHeld";

export type Gate = `${Call} ${"before" | "after"}`;

/**
 * `hold`: until the gate opens. `slow`: for some seconds. `lost`: as the runtime says that it could not reach the object. `reset`: the object
 * stops in the middle. `other release`: the object does not know the call.
 */
export type Behaviour = "hold" | "slow" | "lost" | "reset" | "other release";

const SLOW_MS = 2_000;
const POLL_MS = 5;

let gates: Partial<Record<Gate, Behaviour>> = {};
let met: Partial<Record<Gate, number>> = {};

async function pass(gate: Gate, ctx: DurableObjectState): Promise<void> {
  met[gate] = (met[gate] ?? 0) + 1;
  switch (gates[gate]) {
    case "hold":
      // Other requests open it, and the runtime lets none of them end this one's waiting by itself.
      while (gates[gate] === "hold") {
        await scheduler.wait(POLL_MS);
      }
      return;
    case "slow":
      return scheduler.wait(SLOW_MS);
    case "lost":
      throw new Error("internal error; reference = torture");
    case "reset":
      ctx.abort("reset by an attack");
      return;
    case "other release":
      throw new TypeError('The RPC receiver does not implement the method "tell".');
  }
}

/** Puts a gate before a call of an object, and one behind it. */
function gate(prototype: object, call: Call): void {
  const sound: (...args: unknown[]) => unknown = Reflect.get(prototype, call);
  Reflect.set(prototype, call, async function (this: { ctx: DurableObjectState }, ...args: unknown[]) {
    await pass(`${call} before`, this.ctx);
    const answer = sound.apply(this, args);
    await pass(`${call} after`, this.ctx);
    return answer;
  });
}

gate(AppInstanceUser.prototype, "loseDevice");
gate(AppInstanceUser.prototype, "writeNotHeld");
gate(Directory.prototype, "tell");

export default {
  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname !== "/gates") {
      return worker.fetch(request);
    }
    if (request.method === "PUT") {
      gates = await request.json();
      met = {};
    }
    return Response.json(met);
  },
};

export { AppInstanceUser, Directory };
