import { parseArgs } from "node:util";

/** How much is measured. */
export interface Options {
  readonly form: keyof typeof FORMS;
  /** The keys of the peers besides Rollcall. */
  readonly peers: readonly PeerKey[];
  readonly rounds: number;
  readonly warmUps: number;
  /** In a round. */
  readonly users: number;
  readonly connections: number;
  readonly kills: number;
  /** That callers race for, and how many callers at once. */
  readonly devices: number;
  readonly callers: number;
  /** By whose calls syncs are counted. */
  readonly syncUsers: number;
  readonly syncSleeps: boolean;
  readonly out: string;
}

export const PEER_KEYS = ["moto", "parse"] as const;
export type PeerKey = (typeof PEER_KEYS)[number];

const CALLS = { connections: 8, callers: 16 } as const;

const FORMS = {
  usual: { ...CALLS, rounds: 10, warmUps: 2, users: 200, kills: 5, devices: 200, syncUsers: 80, syncSleeps: true },
  // Shows that everything can be measured, and measures nothing well.
  smallest: { ...CALLS, rounds: 1, warmUps: 1, users: 16, kills: 1, devices: 4, syncUsers: 16, syncSleeps: false },
} as const;

export const USAGE = `Usage: npm run bench:peers -- [--only PEER …] [--rounds N] [--out DIR]

  --only PEER   beside this one alone; may be repeated. One of ${PEER_KEYS.join(", ")}
  --rounds N    how many rounds of calls are played, instead of ${FORMS.usual.rounds}
  --smallest    whether it still works
  --out DIR     where the results go, instead of bench/results`;

/** What the arguments say, or undefined where they make no sense. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values === undefined) {
    return undefined;
  }
  const { only, rounds, smallest, out } = values;
  const form = smallest ? "smallest" : "usual";
  const peers = PEER_KEYS.filter((key) => only?.includes(key) ?? true);
  const options = { form, ...FORMS[form], peers, ...(rounds !== undefined && { rounds: Number(rounds) }) } as const;
  const isKnown = (only ?? []).every((key) => (PEER_KEYS as readonly string[]).includes(key));
  return isKnown && Number.isInteger(options.rounds) && options.rounds > 0
    ? { ...options, out: out ?? `${import.meta.dirname}/../results` }
    : undefined;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string", multiple: true },
        rounds: { type: "string" },
        smallest: { type: "boolean", default: false },
        out: { type: "string" },
      },
    }).values;
  } catch {
    return undefined;
  }
}
