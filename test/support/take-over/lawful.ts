import { type Call, callAt, type Known, type Scenario, type State } from "./state.ts";

/** Who has a device, and by which endpoint: "a 00000000-…". */
type Holders = readonly string[];

/**
 * Who may hold a device after all calls: whom some order of them leaves with it, in which each call comes after those that were
 * answered before it was sent. A call that was answered took effect; one that was not may have.
 */
export function lawfulHolders(scenario: Scenario, { calls, mode }: State, device: string): Set<string> {
  const all = Object.entries(calls);
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (done: readonly string[], holders: Holders) => {
    const place = `${all.map(([key]) => Number(done.includes(key))).join("")} ${holders}`;
    if (seen.has(place)) {
      return;
    }
    seen.add(place);
    if (done.length === all.length) {
      found.add(usersOf(holders));
    }
    for (const [key, known] of all.filter(([key]) => !done.includes(key))) {
      if (known.after.every((before) => done.includes(before))) {
        for (const next of effects(callAt(scenario, key), known, device, mode === "share")(holders)) {
          visit([...done, key], next);
        }
      }
    }
  };
  visit([], []);
  return found;
}

function usersOf(holders: Holders): string {
  return [...new Set(holders.map((holder) => holder.charAt(0)))].sort().join();
}

/** What a call may have come to. */
function effects(call: Call, { answer, endpointId }: Known, device: string, isShared: boolean) {
  return (holders: Holders): Holders[] => {
    const { kind, user } = call;
    const own = `${user} ${endpointId}`;
    const isDevice = call.device === device;
    const others = holders.filter((holder) => holder !== own);
    const taken = isShared ? [...others.filter((holder) => holder.charAt(0) !== user), own].sort() : [own];
    const become = {
      register: isDevice ? taken : holders,
      update: isDevice ? taken : others,
      rename: holders,
      deregister: others,
      erase: holders.filter((holder) => holder.charAt(0) !== user),
      fail: isDevice ? others : holders,
    }[kind];
    if (answer === "ok") {
      return [become];
    }
    // Refused it may have been for what it did at first, before it was repeated.
    const mayHaveBeen = answer === undefined || (REFUSED_AFTER.has(answer) && kind !== "fail");
    return mayHaveBeen ? [become, holders] : [holders];
  };
}

const REFUSED_AFTER: ReadonlySet<string> = new Set(["ENDPOINT_NOT_FOUND", "ENDPOINT_DEREGISTERED"]);
