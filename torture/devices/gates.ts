/** The Worker whose objects have gates between them, as attacks see it: see workers/gates.ts. */
import { setTimeout as wait } from "node:timers/promises";
import { bundle } from "../../scripts/bundle.ts";
import type { Behaviour, Gate } from "../workers/gates.ts";
import type { Serving } from "./serving.ts";

export type Gates = Partial<Record<Gate, Behaviour>>;

const MET_MAX_MS = 10_000;

export function gatedBundle(): string {
  return bundle("torture/workers/gates.ts");
}

/** From now on all gates are as given, and open where they are not. */
export async function setGates({ url }: Serving, gates: Gates): Promise<void> {
  await fetch(`${url}/gates`, { method: "PUT", body: JSON.stringify(gates) });
}

/** Answers once something has come to a gate since it was set. */
export async function untilMet({ url }: Serving, gate: Gate): Promise<void> {
  for (const end = Date.now() + MET_MAX_MS; Date.now() < end; await wait(5)) {
    const met = (await (await fetch(`${url}/gates`)).json()) as Partial<Record<Gate, number>>;
    if (met[gate] !== undefined) {
      return;
    }
  }
  throw new Error(`nothing came to the gate "${gate}"`);
}
