import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { CallResult } from "../calls/rounds.ts";
import type { AtRest } from "../parts/at-rest.ts";
import type { Burst } from "../parts/burst.ts";
import type { Disk } from "../parts/disk.ts";
import type { Growth } from "../parts/growth.ts";
import type { Moves } from "../parts/moves.ts";
import type { Senders } from "../parts/senders/senders.ts";
import type { Session } from "../parts/sessions.ts";
import type { Soak } from "../parts/soak/soak.ts";
import type { Startup } from "../parts/startup.ts";

/** Everything that a run measured: what the table is made from. */
export interface Results {
  readonly form: "short" | "long" | "smallest";
  /** As in 2026-11-24. */
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: { readonly processors: number; readonly model: string; readonly memoryGiB: number };
  readonly usersPerRound: number;
  /** Of one row, which is an endpoint. */
  readonly rowBytes: number;
  readonly calls: readonly CallResult[];
  readonly startup?: Startup;
  readonly atRest?: AtRest;
  readonly senders?: Senders;
  readonly disks?: readonly Disk[];
  readonly growth?: readonly Growth[];
  readonly sessions?: readonly Session[];
  readonly moves?: Moves;
  readonly burst?: Burst;
  readonly soak?: Soak;
}

/** What ran, and on what: no name of a machine. */
export function circumstances(): Pick<Results, "date" | "versions" | "machine"> {
  return {
    date: new Date().toISOString().slice(0, 10),
    versions: {
      rollcall: versionIn("package.json"),
      workerd: versionIn("node_modules/workerd/package.json"),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    },
    machine: {
      processors: cpus().length,
      model: cpus()[0]?.model ?? "unknown",
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
  };
}

/** With a line for each call, besides. */
export function toJson({ calls, ...rest }: Results): string {
  const lines = calls.map((call) => `    ${JSON.stringify(call, rounded)}`);
  const others = roundedJson(rest).replace(/\n}$/, "");
  return `${others},\n  "calls": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

/** With five digits of each number, and a line for each spread. */
export function roundedJson(value: unknown): string {
  return JSON.stringify(value, rounded, 2).replace(/{\s+("lower": .*)\s+(.*)\s+(.*)\s+}/g, "{ $1 $2 $3 }");
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

function versionIn(file: string): string {
  const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
