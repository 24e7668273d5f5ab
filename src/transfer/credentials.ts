import type { Credentials } from "../client/index.ts";
import { ConfigError } from "../worker/model/config-error.ts";

export const CREDENTIALS_USAGE = `Credentials come from the environment: ROLLCALL_TOKEN, a bearer token; or AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY and, where there is one, AWS_SESSION_TOKEN, with AWS_REGION as AWS SDKs have them.`;

/** Who calls, by the environment: what stands on a command line is seen by every other program of the machine. */
export function credentialsIn(env: NodeJS.ProcessEnv): Credentials {
  const { ROLLCALL_TOKEN, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (ROLLCALL_TOKEN) {
    return ROLLCALL_TOKEN;
  }
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new ConfigError(`There are no credentials to call with.\n\n${CREDENTIALS_USAGE}`);
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
