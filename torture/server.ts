/** workerd under attack: on data that outlives it, with what it says kept for a look. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorkerd, type Workerd } from "../src/serve/workerd/start.ts";

/** Lets no rate and no limit come between the calls of an attack that is not about them. */
export const UNLIMITED = {
  LOCAL_MODE: "true",
  ENDPOINTS_PER_USER: "500",
  OPERATION_RATE_PER_SECOND: "1000",
  OPERATION_BURST: "10000",
};

export interface Server extends Workerd {
  /** Everything that was written to standard output and standard error, a line each. */
  readonly said: readonly string[];
  readonly hasEnded: () => boolean;
}

/** Starts a bundle on data that may be there already. */
export async function start(bundle: string, data: string, variables: Record<string, string>): Promise<Server> {
  const workerd = await startWorkerd({ bundle, data, variables, lines: "pipe" });
  const { process: child } = workerd;
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      said.push(...lines);
    });
  }
  return { ...workerd, said, hasEnded: () => child.exitCode !== null || child.signalCode !== null };
}

/** Runs with a folder for data, which goes afterwards. */
export async function withData<Result>(use: (data: string) => Promise<Result>): Promise<Result> {
  const data = mkdtempSync(join(tmpdir(), "rollcall-torture-"));
  try {
    return await use(data);
  } finally {
    rmSync(data, { recursive: true });
  }
}

/** Runs with a server of its own on fresh data. */
export function withServer<Result>(
  bundle: string,
  variables: Record<string, string>,
  use: (server: Server) => Promise<Result>,
): Promise<Result> {
  return withData(async (data) => {
    const server = await start(bundle, data, variables);
    try {
      return await use(server);
    } finally {
      await server.stop("SIGKILL");
    }
  });
}

/** How many files a process has open: on Linux, elsewhere undefined. */
export function openFiles({ process: { pid } }: Pick<Workerd, "process">): number | undefined {
  return process.platform === "linux" ? readdirSync(`/proc/${pid}/fd`).length : undefined;
}

/** How much memory a process holds: on Linux, elsewhere undefined. */
export function residentMiB({ process: { pid } }: Pick<Workerd, "process">): number | undefined {
  if (process.platform !== "linux") {
    return undefined;
  }
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}

/** How long a process has kept a processor busy so far, in milliseconds: on Linux, elsewhere NaN. */
export function cpuMs({ process: { pid } }: Pick<Workerd, "process">): number {
  if (process.platform !== "linux") {
    return Number.NaN;
  }
  // User and system time, in hundredths of a second; the name before them may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
