/** The Worker: one app for both wires, and the class of the users' objects. */
import { env } from "cloudflare:workers";
import { AppInstanceUser } from "./app-instance-user.ts";
import { authenticate } from "./auth/authenticate.ts";
import { readPrincipals } from "./auth/principals.ts";
import { type Env, readConfig } from "./config.ts";
import { createApp } from "./transport/app.ts";
import { AwakeUsers } from "./transport/awake-users.ts";
import { ToldToWait } from "./transport/told-to-wait.ts";

// Read at start, so that a Worker with a bad variable is refused by the deploy and not by its first caller.
const { APP_INSTANCE_USER, METRICS, CALLER_RATE, ASSETS, ...variables } = env as unknown as Env;
const config = readConfig(variables);
const principals = readPrincipals(variables, config);

const service = {
  config,
  authenticate: (request: Request, body: Uint8Array) => authenticate(request, body, principals, Date.now()),
  ...(CALLER_RATE && { callerRate: CALLER_RATE }),
  ...(config.usersAtOnce !== undefined && { awakeUsers: new AwakeUsers(config.usersAtOnce) }),
  toldToWait: new ToldToWait(),
  users: APP_INSTANCE_USER,
  implements: (objectMethod: string) => objectMethod in AppInstanceUser.prototype,
};

export default createApp(service, METRICS, ASSETS);

export { AppInstanceUser };
