import { ConfigError } from "../../model/config-error.ts";
import { LOCAL_SESSION_SECRET } from "../local-principals.ts";
import { listOf, parseJson, textOf } from "../strict-json.ts";

const VARIABLE = "SESSION_SECRETS";

/** Two, so that one can be replaced without an outage: the first seals, and both open. */
const SECRETS_MAX = 2;

const SECRET_MIN_LENGTH = 32;

/**
 * What sessions are sealed with: none, where there are to be no sessions. Local mode has one that everybody knows, which
 * is refused elsewhere. Throws ConfigError, which never repeats a secret.
 */
export function readSessionSecrets(text: unknown, localMode: boolean): readonly string[] {
  if (text === undefined || text === "") {
    return localMode ? [LOCAL_SESSION_SECRET] : [];
  }
  const secrets = listOf(parseJson(text, VARIABLE), VARIABLE, SECRETS_MAX, (secret, place) =>
    textOf(secret, place, SECRET_MIN_LENGTH),
  );
  if (secrets.includes(LOCAL_SESSION_SECRET)) {
    throw new ConfigError(`${VARIABLE} must not hold the secret of local mode, which everybody knows`);
  }
  return secrets;
}
