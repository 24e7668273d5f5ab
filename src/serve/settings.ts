/** What `npm run serve` is told: its arguments, and the Worker's variables out of the environment and a file. */
import { type Address, addressIn } from "../command/address.ts";
import { misused, readOptions } from "../command/arguments.ts";
import { readPrincipals } from "../worker/auth/principals.ts";
import { readConfig, VARIABLES } from "../worker/config.ts";
import { type Misspelt, misspeltVariables } from "../worker/misspelt-variables.ts";
import { ConfigError } from "../worker/model/config-error.ts";
import { localModeVariables, OPEN_LOCAL_MODE } from "./open-local-mode.ts";
import { readVariablesFile } from "./variables-file.ts";

export const SERVE_USAGE = `Usage: npm run serve -- --data DIR [--port N] [--host HOST] [--variables FILE] [--local]
                        [--metrics HOST:PORT]
       npm run serve -- --data DIR --backup BACKUP
       npm run serve -- --data DIR --restore BACKUP
       in a build: node serve.mjs, with the same

  --data DIR        where the register is kept; made if it is not there
  --port N          what to listen on: 8787 if not given
  --host HOST       whom to listen to: 127.0.0.1 if not given, which is this machine alone; IPv6 too, such as ::1
  --variables FILE  variables and principals, NAME=VALUE a line; those of the environment win
  --metrics HOST:PORT
                    where Prometheus is answered, at /metrics: 127.0.0.1:9464, say; nowhere if not given
  --local           local mode: lets the well-known local callers in, from this machine alone
  --${OPEN_LOCAL_MODE}
                    with --local and a --host that other machines reach: whoever reaches it may do everything

  --backup BACKUP   copies the register in DIR, which may be served meanwhile, to a new folder, and ends
  --restore BACKUP  copies a backup to DIR, where no register is yet, and ends`;

export const OPTIONS = {
  data: { type: "string" },
  port: { type: "string", default: "8787" },
  host: { type: "string", default: "127.0.0.1" },
  variables: { type: "string" },
  metrics: { type: "string" },
  local: { type: "boolean", default: false },
  [OPEN_LOCAL_MODE]: { type: "boolean", default: false },
  backup: { type: "string" },
  restore: { type: "string" },
} as const;

export interface ServeSettings {
  readonly data: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Without the brackets in which an address of IPv6 may be given. */
  readonly host: string;
  readonly local: boolean;
  /** Where Prometheus is answered; absent: nowhere. */
  readonly metrics?: Address;
  /** For the Worker: checked, so that it starts with them. */
  readonly variables: Readonly<Record<string, string>>;
  /** What does nothing, and was likely meant to. */
  readonly misspelt: readonly Misspelt[];
}

/** Throws ConfigError, which says what to do. It never repeats the value of a variable. */
export function readServeSettings(args: readonly string[], env: NodeJS.ProcessEnv): ServeSettings {
  const {
    data,
    port,
    host: given,
    local,
    variables: file,
    metrics,
    [OPEN_LOCAL_MODE]: open,
  } = readOptions(args, OPTIONS, SERVE_USAGE);
  if (!data) {
    throw misused("--data must name a folder", SERVE_USAGE);
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw misused("--port must be a number up to 65535", SERVE_USAGE);
  }
  const scraped = metrics === undefined ? undefined : addressIn(metrics);
  if (metrics !== undefined && scraped === undefined) {
    throw misused("--metrics must be HOST:PORT, such as 127.0.0.1:9464 or [::1]:9464", SERVE_USAGE);
  }
  const host = given.replace(/^\[(.*)\]$/, "$1");
  const variables = { ...(file !== undefined && readVariablesFile(file)), ...env };
  return {
    ...{ data, port: Number(port), host, local },
    ...(scraped && { metrics: scraped }),
    variables: readVariables(variables, local ? localModeVariables(host, open) : {}),
    misspelt: misspeltVariables(Object.keys(variables)),
  };
}

/** Those that the Worker reads. What would stop it from starting, or from serving anybody, is told here and not by it. */
function readVariables(
  env: Record<string, string | undefined>,
  localMode: Readonly<Record<string, string>>,
): Record<string, string> {
  const isRead = (name: string) => name.startsWith("PRINCIPAL_") || (VARIABLES as readonly string[]).includes(name);
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => isRead(name) && value));
  for (const name of ["LOCAL_MODE", "LOCAL_MODE_HOSTS"]) {
    if (given[name] !== undefined) {
      throw new ConfigError(`${name} is not taken from the environment: start with --local instead`);
    }
  }
  if (given.JURISDICTIONS !== undefined) {
    throw new ConfigError("JURISDICTIONS can't be kept by one machine, which has all data on its own disk: unset it");
  }
  const variables = { ...given, ...localMode } as Record<string, string>;
  // By this it is known that one machine holds everything; how many there may be is found when it starts.
  if (readPrincipals(variables, readConfig({ USERS_AT_ONCE: "1", ...variables })).isEmpty) {
    throw new ConfigError(
      "No caller is configured, so nobody would get in: give principals in PRINCIPAL_… variables (docs/callers.md), in " +
        "the environment or by --variables; or start with --local, for the well-known local callers.",
    );
  }
  return variables;
}
