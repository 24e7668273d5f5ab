/** The PostgreSQL that is installed, as it comes: on a folder of its own, with the settings that initdb writes. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import { freePort, type Started, startProgram } from "./processes.ts";

const PROGRAMS = ["initdb", "postgres", "pg_isready"];

/** Debian keeps them out of PATH, in a folder for each version. */
const DEBIAN = globSync("/usr/lib/postgresql/*/bin").toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));

const bin = [...(process.env.PATH ?? "").split(delimiter), ...DEBIAN].find((folder) =>
  PROGRAMS.every((program) => existsSync(join(folder, program))),
);

export function missingForPostgres(): string | undefined {
  return bin === undefined ? "PostgreSQL is missing; on Debian, `apt-get install postgresql`" : undefined;
}

export function postgresVersion(): string {
  const { stdout } = spawnSync(program("postgres"), ["--version"], { encoding: "utf8" });
  return /\d+(\.\d+)*/.exec(stdout ?? "")?.[0] ?? "";
}

export interface Postgres {
  readonly uri: string;
  readonly process: Started;
}

/** Its data is in a folder that is there or made, within one that it is given for itself. */
export async function startPostgres(folder: string, under: readonly string[]): Promise<Postgres> {
  const as = otherUser();
  const data = join(folder, "data");
  if (as !== undefined) {
    chownSync(folder, as.uid, as.gid);
  }
  chmodSync(folder, 0o700);
  if (!existsSync(data)) {
    const args = ["--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C"];
    execFileSync(program("initdb"), args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], ...as });
  }
  const port = await freePort();
  const sockets = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
  const process = startProgram({
    command: [...under, program("postgres"), "-D", data, "-p", String(port), ...sockets],
    ...{ cwd: folder, log: join(folder, "postgres.log") },
    ...(as && { as }),
  });
  const ready = ["--quiet", "--host", "127.0.0.1", "--port", String(port), "--username", "postgres"];
  await process.until(async () => spawnSync(program("pg_isready"), ready).status === 0);
  return { uri: `postgres://postgres@127.0.0.1:${port}/postgres`, process };
}

/** It refuses to run as root: then it is Debian's user for it, or whoever has least. */
function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const name = spawnSync("id", ["-u", "postgres"]).status === 0 ? "postgres" : "nobody";
  const id = (of: string) => Number(execFileSync("id", [of, name], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function program(name: string): string {
  return join(bin ?? "", name);
}
