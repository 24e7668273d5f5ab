/** The Worker: one app for both wires, and the class of the users' objects. */
import { env } from "cloudflare:workers";
import { AppInstanceUser } from "./app-instance-user.ts";
import { type Env, readConfig } from "./config.ts";
import { createApp } from "./transport/app.ts";

// Read at start, so that a Worker with a bad variable is refused by the deploy and not by its first caller.
const { APP_INSTANCE_USER, METRICS, ...variables } = env as unknown as Env;

const service = {
  config: readConfig(variables),
  users: APP_INSTANCE_USER,
  implements: (objectMethod: string) => objectMethod in AppInstanceUser.prototype,
};

export default createApp(service, METRICS);

export { AppInstanceUser };
