import type { Decision } from "../../src/worker/core/decision.ts";
import { decideRegister } from "../../src/worker/core/register.ts";
import type { Changes } from "../../src/worker/model/changes.ts";
import type { Endpoint, Row, Tombstone } from "../../src/worker/model/endpoint.ts";
import { ENDPOINTS_PER_USER_DEFAULT, TOMBSTONE_LIFETIME_MS } from "../../src/worker/model/limits.ts";
import { type Asked, device } from "./requests.ts";

/** When tests of pure rules take place, in milliseconds since 1970. */
export const NOW = 1_800_000_000_000;

/** The id that stands for the n-th endpoint of a user: a UUIDv7 in the order of n. */
export function idOf(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

/** The rules of registration as they are where nothing is configured, but for the ids. */
export const RULES = {
  now: NOW,
  endpointsMax: ENDPOINTS_PER_USER_DEFAULT,
  adopts: false,
  staleAfterMs: Number.POSITIVE_INFINITY,
};

/** The endpoint that the registration of a user's n-th device makes. */
export function endpoint(n: number, changes: Partial<Asked> = {}): Endpoint {
  const [made] = decideRegister([], device(n, changes), { ...RULES, newId: () => idOf(n) }).put ?? [];
  if (made?.state !== "live") {
    throw new Error("nothing was registered");
  }
  return made;
}

/** A decision without what it says for the Directory: which row it was about, and whether a device was presented. */
export function changesOf<Decided extends Decision<unknown>>(decision: Decided): Omit<Decided, "about" | "presents"> {
  const { about: _, presents: __, ...changes } = decision;
  return changes;
}

/** What is left of the n-th endpoint if it was deregistered at a moment. */
export function tombstone(n: number, deregisteredAt: number): Tombstone {
  return {
    state: "deregistered",
    endpointId: idOf(n),
    clientRequestToken: `request-${n}`,
    expiresAt: deregisteredAt + TOMBSTONE_LIFETIME_MS,
  };
}

/** A row as the rules have it: with what it leaves out, and without what only the register knows. */
export function meaningOf(row: Row): object {
  if (row.state !== "live") {
    return row;
  }
  const { fingerprint, ...rest } = row;
  return { deviceTokenAt: row.createdAt, ...rest };
}

/** What is stored after some changes, in the order of ids. */
export function applied(rows: readonly Row[], { put = [], drop = [] }: Changes): Row[] {
  const gone = [...drop, ...put.map(({ endpointId }) => endpointId)];
  const kept = rows.filter(({ endpointId }) => !gone.includes(endpointId));
  return [...kept, ...put].toSorted((a, b) => (a.endpointId < b.endpointId ? -1 : 1));
}
