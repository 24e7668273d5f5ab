/** The Worker: one app for all protocols, and the classes of its objects: the users', and the Directory's. */
import { env, WorkerEntrypoint } from "cloudflare:workers";
import { AppInstanceUser } from "./app-instance-user.ts";
import { authenticate } from "./auth/authenticate.ts";
import { readPrincipals } from "./auth/principals.ts";
import { sessionsOf } from "./auth/sessions/sessions.ts";
import type { ReceivedRequest } from "./auth/sigv4/verify.ts";
import { type Env, readConfig } from "./config.ts";
import { Directory } from "./directory/directory.ts";
import { misspeltVariables } from "./misspelt-variables.ts";
import { roomFor } from "./objects/awake-users.ts";
import { waitingInAll } from "./objects/waiting.ts";
import { createApp } from "./transport/app.ts";
import { countIn } from "./transport/reporting/analytics-engine.ts";
import { Counters } from "./transport/reporting/counters.ts";
import { CountedCallers } from "./transport/users/counted-callers.ts";
import { ThrottledCalls } from "./transport/users/throttled-calls.ts";
import { UsersOnDisk } from "./transport/users/users-on-disk.ts";
import { UNKNOWN_USER } from "./unknown-user.ts";

// Read at start, so that a Worker with a bad variable is refused by the deploy and not by its first caller.
const { APP_INSTANCE_USER, USERS_ON_DISK, DIRECTORY, METRICS, SCRAPED, CALLER_RATE, BATCH_RATE, ASSETS, ...variables } =
  env as unknown as Env;
const config = readConfig(variables);
const misspelt = misspeltVariables(Object.keys(variables));
if (misspelt.length > 0) {
  // Not by throwing: a variable may be there for something else, and a Worker that runs must not stop for it.
  console.warn(JSON.stringify({ event: "misspelt_variables", variables: misspelt }));
}
const principals = readPrincipals(variables, config);

const { callsPerCaller, usersAtOnce } = config;
const awakeUsers = roomFor(usersAtOnce);
const sessions = sessionsOf(principals, Date.now);
const callerRate = CALLER_RATE ?? (callsPerCaller === undefined ? undefined : new CountedCallers(callsPerCaller));

const service = {
  config,
  authenticate: (received: ReceivedRequest) => authenticate(received, principals, Date.now()),
  ...(sessions && { sessions }),
  ...(callerRate && { callerRate }),
  batchRate: BATCH_RATE ?? new CountedCallers(config.batchesPerCaller),
  ...(awakeUsers && { awakeUsers }),
  ...(USERS_ON_DISK && { usersOnDisk: new UsersOnDisk(USERS_ON_DISK, APP_INSTANCE_USER, UNKNOWN_USER) }),
  throttledCalls: new ThrottledCalls(),
  users: APP_INSTANCE_USER,
  ...(config.devices && DIRECTORY && { directory: DIRECTORY }),
};

const counters = SCRAPED ? new Counters() : undefined;
const count = counters === undefined ? METRICS && countIn(METRICS) : counters.count.bind(counters);

export default createApp(service, count, ASSETS);

export { AppInstanceUser, Directory };

/** What has been counted, for the one machine that has a socket for it. No request from outside comes here. */
export class Scrape extends WorkerEntrypoint {
  override async fetch(): Promise<Response> {
    const waiting = config.devices && waitingInAll();
    return new Response(counters?.text({ awakeUsers, waiting }, Date.now()));
  }
}
