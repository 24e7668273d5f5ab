import { readEventsTarget } from "./config/events.ts";
import { readLogSuccesses } from "./config/log-successes.ts";
import { ConfigError } from "./model/config-error.ts";
import type { DirectoryNamespace } from "./model/directory-calls.ts";
import type { EventsTarget } from "./model/events.ts";
import type { DevicesMode } from "./model/holding.ts";
import {
  BATCHES_PER_CALLER_DEFAULT,
  BUCKET_REFILL_MAX_MS,
  CALLS_PER_CALLER_MAX,
  ENDPOINTS_PER_USER_DEFAULT,
  ENDPOINTS_PER_USER_MAX,
  OPERATION_BURST_DEFAULT,
  OPERATION_RATE_PER_SECOND_DEFAULT,
  STALE_DAYS_MAX,
  STALE_DAYS_MIN,
  USERS_AT_ONCE_MAX,
} from "./model/limits.ts";
import { isOriginPattern } from "./model/origin.ts";
import { JURISDICTIONS, LOCATION_HINTS, type Placement } from "./model/placement.ts";
import type { Rate } from "./model/rate.ts";
import type { UserNamespace } from "./model/user-rpcs.ts";

/** The names of the text variables besides those of principals. docs/configuration.md has a table of them. */
export const VARIABLES = [
  "LOCAL_MODE",
  "LOCAL_MODE_HOSTS",
  "ENDPOINTS_PER_USER",
  "OPERATION_RATE_PER_SECOND",
  "OPERATION_BURST",
  "SAME_DEVICE",
  "STALE_DAYS",
  "DEVICES",
  "EVENTS_URL",
  "EVENTS_SECRETS",
  "JURISDICTIONS",
  "LOCATION_HINTS",
  "ALLOWED_ORIGINS",
  "ALLOWED_HEADERS",
  "OWN_HOSTS",
  "SIGNING_REGIONS",
  "PAGES",
  "USERS_AT_ONCE",
  "CALLS_PER_CALLER",
  "BATCHES_PER_CALLER",
  "SESSION_SECRETS",
  "LOG_SUCCESSES",
] as const;

/** What the Worker is configured with: text, and each of it may be absent. */
export type Variables = { readonly [name in (typeof VARIABLES)[number]]?: string } & {
  /** One a principal: see auth/principals. */
  readonly [principal: `PRINCIPAL_${string}`]: string;
};

/** What the Worker is bound to, and its variables. */
export interface Env extends Variables {
  readonly APP_INSTANCE_USER: UserNamespace;
  /** Users' files, where one machine has them all: optional. */
  readonly USERS_ON_DISK?: Fetcher;
  /** Optional: without it nobody can be asked who has a device. */
  readonly DIRECTORY?: DirectoryNamespace;
  /** Optional: without it nothing is counted. */
  readonly METRICS?: AnalyticsEngineDataset;
  /** Optional: one process serves everybody, and what it counts is asked for (Scrape, in index.ts). */
  readonly SCRAPED?: boolean;
  /** Optional: without it callers have no limit of their own. */
  readonly CALLER_RATE?: RateLimit;
  /** Optional: the same of calls about many users, which are counted in memory without it. */
  readonly BATCH_RATE?: RateLimit;
  /** Optional: without it there are no pages. */
  readonly ASSETS?: Fetcher;
}

/** The pages for people that there are. */
const PAGES = ["docs", "console"] as const;
export type Page = (typeof PAGES)[number];

/** The variables, read and checked. */
export interface Config {
  /** Whether the well-known local principals are let in. Only `npm start` says so. */
  readonly localMode: boolean;
  /** What local mode may be called besides localhost and its like, spelled as ownHosts are. */
  readonly localModeHosts: readonly string[];
  readonly endpointsPerUser: number;
  /** Of each operation, for each user. */
  readonly operationRate: Rate;
  /** Whether a device that is registered and ACTIVE is registered again as the same endpoint; else that is a conflict. */
  readonly adopts: boolean;
  /** How long after its app last named its token an endpoint is stale; Infinity for never. */
  readonly staleAfterMs: number;
  /** Whether a device has one user at a time or several, as the Directory keeps it; undefined: there is none. */
  readonly devices?: DevicesMode;
  /** Where it is told what becomes of endpoints; undefined: nowhere. */
  readonly events?: EventsTarget;
  readonly placement: Placement;
  /** Of web pages that may call: see model/origin. In local mode those of this machine may besides. */
  readonly allowedOrigins: readonly string[];
  /** What those pages may send besides the headers of SDKs, in lower case. */
  readonly allowedHeaders: readonly string[];
  /** What the server may be called, "api.example.com" with any port or "localhost:8787" with that one; empty: anything. */
  readonly ownHosts: readonly string[];
  /** What the scope of a SigV4 signature may name; empty: any. */
  readonly signingRegions: readonly string[];
  /** Which are served: in local mode all of them. */
  readonly pages: readonly Page[];
  /** How many users' objects may be awake at once, where one machine holds them all; else undefined. */
  readonly usersAtOnce?: number;
  /** How many calls of one caller are served in CALLER_RATE_PERIOD_MS, where the runtime counts none itself; undefined: any. */
  readonly callsPerCaller?: number;
  /** The same of calls about many users, which are always counted. */
  readonly batchesPerCaller: number;
  /** How much of the successes is logged, from 0 to 1. */
  readonly logSuccesses: number;
}

/** Reads the environment once, at start. Throws ConfigError, which names the variable and says what it takes. */
export function readConfig(env: Variables): Config {
  const localMode = flag("LOCAL_MODE", env.LOCAL_MODE);
  // On Cloudflare nothing is near.
  const events = readEventsTarget(env, localMode || Boolean(env.USERS_AT_ONCE));
  const jurisdictions = byRegion("JURISDICTIONS", env.JURISDICTIONS, JURISDICTIONS);
  return {
    localMode,
    localModeHosts: hosts("LOCAL_MODE_HOSTS", env.LOCAL_MODE_HOSTS),
    endpointsPerUser: integer("ENDPOINTS_PER_USER", env.ENDPOINTS_PER_USER, {
      min: 1,
      max: ENDPOINTS_PER_USER_MAX,
      absent: ENDPOINTS_PER_USER_DEFAULT,
    }),
    operationRate: operationRate(env),
    ...devices(env),
    ...(events && { events }),
    placement: {
      // All data is on this machine then, and its runtime refuses to be asked for a jurisdiction.
      jurisdictions: localMode ? new Map() : jurisdictions,
      locationHints: byRegion("LOCATION_HINTS", env.LOCATION_HINTS, LOCATION_HINTS),
    },
    allowedOrigins: list("ALLOWED_ORIGINS", env.ALLOWED_ORIGINS, {
      takes: isOriginPattern,
      as: "origins such as https://app.example.com, https://*.example.com or capacitor://localhost",
    }),
    allowedHeaders: list("ALLOWED_HEADERS", env.ALLOWED_HEADERS, {
      takes: (name) => /^[\w!#$%&'+.^`|~-]+$/.test(name),
      as: "names of headers such as traceparent",
    }).map((name) => name.toLowerCase()),
    ownHosts: hosts("OWN_HOSTS", env.OWN_HOSTS),
    signingRegions: list("SIGNING_REGIONS", env.SIGNING_REGIONS, {
      takes: (region) => /^[a-z0-9-]{1,63}$/.test(region),
      as: "regions such as us-east-1",
    }),
    pages: pages(env.PAGES, localMode),
    logSuccesses: readLogSuccesses(env),
    ...(env.USERS_AT_ONCE && {
      usersAtOnce: integer("USERS_AT_ONCE", env.USERS_AT_ONCE, { min: 1, max: USERS_AT_ONCE_MAX, absent: 0 }),
    }),
    batchesPerCaller: integer("BATCHES_PER_CALLER", env.BATCHES_PER_CALLER, {
      min: 1,
      max: CALLS_PER_CALLER_MAX,
      absent: BATCHES_PER_CALLER_DEFAULT,
    }),
    ...(env.CALLS_PER_CALLER && {
      callsPerCaller: integer("CALLS_PER_CALLER", env.CALLS_PER_CALLER, {
        min: 1,
        max: CALLS_PER_CALLER_MAX,
        absent: 0,
      }),
    }),
  };
}

/** What becomes of a device that is registered again, or never again. */
function devices({ SAME_DEVICE, STALE_DAYS, DEVICES }: Variables): Pick<Config, "adopts" | "staleAfterMs" | "devices"> {
  const adopts = oneOf("SAME_DEVICE", SAME_DEVICE, ["refuse", "adopt"]) === "adopt";
  // A launch that is refused confirms nothing, so a take-over that nobody heard of would never be told.
  const shared = DEVICES ? { devices: oneOf("DEVICES", DEVICES, ["move", "share"]) } : {};
  if (DEVICES && !adopts) {
    throw new ConfigError("DEVICES needs SAME_DEVICE to be adopt");
  }
  if (STALE_DAYS === undefined || STALE_DAYS === "") {
    return { adopts, staleAfterMs: Number.POSITIVE_INFINITY, ...shared };
  }
  if (!adopts) {
    // A launch that is refused confirms nothing: each device of an app that registers would go stale for good.
    throw new ConfigError("STALE_DAYS needs SAME_DEVICE to be adopt");
  }
  const days = integer("STALE_DAYS", STALE_DAYS, { min: STALE_DAYS_MIN, max: STALE_DAYS_MAX, absent: 0 });
  return { adopts, staleAfterMs: days * 24 * 60 * 60 * 1_000, ...shared };
}

/** The first where it is absent. */
function oneOf<Value extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly [Value, ...Value[]],
): Value {
  const found = value === undefined || value === "" ? allowed[0] : allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new ConfigError(`${name} must be one of ${allowed.join(", ")}`);
  }
  return found;
}

function operationRate(env: Pick<Env, "OPERATION_RATE_PER_SECOND" | "OPERATION_BURST">): Rate {
  const perSecond = integer("OPERATION_RATE_PER_SECOND", env.OPERATION_RATE_PER_SECOND, {
    min: 1,
    max: 1_000,
    absent: OPERATION_RATE_PER_SECOND_DEFAULT,
  });
  const max = (perSecond * BUCKET_REFILL_MAX_MS) / 1_000;
  const burst = integer("OPERATION_BURST", env.OPERATION_BURST, {
    min: 1,
    max,
    absent: Math.min(max, Math.max(OPERATION_BURST_DEFAULT, perSecond)),
  });
  return { perSecond, burst };
}

/** In the spelling of a parsed URL. HTTP's own ports are left out there, so they are left out here. */
function hosts(name: string, value: string | undefined): readonly string[] {
  const entries = list(name, value, {
    takes: (host) => /^[^/?#@\\]+$/.test(host) && URL.canParse(`http://${host}`),
    as: "hosts such as api.example.com or localhost:8787",
  });
  return entries.map((host) => new URL(`http://${host.replace(/:(80|443)$/, "")}`).host);
}

function pages(value: string | undefined, localMode: boolean): readonly Page[] {
  const configured = list("PAGES", value, {
    takes: (page) => PAGES.some((known) => known === page),
    as: `pages, which are ${PAGES.join(" and ")}`,
  });
  return localMode ? PAGES : PAGES.filter((page) => configured.includes(page));
}

function flag(name: string, value: string | undefined): boolean {
  if (value === undefined || value === "" || value === "false") {
    return false;
  }
  if (value === "true") {
    return true;
  }
  throw new ConfigError(`${name} must be "true" or "false"`);
}

function integer(
  name: string,
  value: string | undefined,
  { min, max, absent }: { min: number; max: number; absent: number },
): number {
  if (value === undefined || value === "") {
    return absent;
  }
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw new ConfigError(`${name} must be a whole number from ${min} to ${max}`);
  }
  return number;
}

/** Reads "us-east-1, eu-central-1". */
function list(
  name: string,
  value: string | undefined,
  { takes, as }: { takes: (entry: string) => boolean; as: string },
): string[] {
  const entries = entriesIn(value);
  if (!entries.every(takes)) {
    throw new ConfigError(`${name} must be a list of ${as}, separated by commas`);
  }
  return entries;
}

/** Reads "us-east-1=enam, eu-central-1=weur". */
function byRegion<Value extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly Value[],
): ReadonlyMap<string, Value> {
  return new Map(
    entriesIn(value).map((entry) => {
      const [region, place, ...rest] = entry.split("=").map((part) => part.trim());
      const found = allowed.find((candidate) => candidate === place);
      if (!region || found === undefined || rest.length > 0) {
        throw new ConfigError(
          `${name} must be a list of REGION=VALUE, separated by commas; VALUE is one of ${allowed.join(", ")}`,
        );
      }
      return [region, found];
    }),
  );
}

/** What stands between commas. */
function entriesIn(value = ""): string[] {
  return value
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
}
