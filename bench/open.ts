import { env } from "cloudflare:workers";
import { AppInstanceUser } from "../src/app-instance-user.ts";
import { parsePolicy } from "../src/auth/policy/parse.ts";
import { type Env, readConfig } from "../src/config.ts";
import { createApp } from "../src/transport/app.ts";
import { ToldToWait } from "../src/transport/told-to-wait.ts";

/** The Worker without authentication: it takes every caller for one that may do everything, and is the same otherwise. */
const statement = { Effect: "Allow", Action: "*", Resource: "*" };
const policy = parsePolicy({ Version: "2012-10-17", Statement: [statement] }, "policy", () => undefined);
const { APP_INSTANCE_USER } = env as unknown as Env;

export default createApp({
  config: readConfig({}),
  authenticate: async () => ({ kind: "caller", principal: "anybody", policy, claims: new Map() }),
  toldToWait: new ToldToWait(),
  users: APP_INSTANCE_USER,
  implements: (objectMethod) => objectMethod in AppInstanceUser.prototype,
});

export { AppInstanceUser };
