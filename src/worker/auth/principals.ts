/** Who may call, by configuration: one variable a principal, which holds its keys and what it may do. */
import type { Caller } from "../model/caller.ts";
import { ConfigError } from "../model/config-error.ts";
import type { Policy } from "../model/policy.ts";
import { type KeySource, remoteKeySet, sharedSecrets } from "./bearer/keys.ts";
import { LOCAL_PRINCIPALS } from "./local-principals.ts";
import { type ClaimOf, parsePolicy } from "./policy/parse.ts";
import { lookUpSession } from "./sessions/look-up.ts";
import { readSessionSecrets } from "./sessions/secrets.ts";
import { SESSION_ID_PREFIX } from "./sessions/session.ts";
import { listOf, membersOf, parseJson, textOf } from "./strict-json.ts";

/** What an access key opens, and for whom. */
export interface Credential {
  readonly caller: Caller;
  readonly secretAccessKey: string;
  /** Temporary credentials have one, and are good only together with it. */
  readonly sessionToken?: string;
  /** Milliseconds since 1970; absent where it does not expire. */
  readonly expiresAt?: number;
}

/** Finds what an access key opens, for a session by what its token says. */
export type LookUpCredential = (accessKeyId: string, sessionToken?: string) => Promise<Credential | undefined>;

/** Who signs bearer tokens, and what their bearers may do. */
export interface Issuer {
  readonly principal: string;
  readonly policy: Policy;
  /** The claim `iss`, exactly. */
  readonly issuer: string;
  /** What the audience claim is or holds. */
  readonly audience: string;
  readonly audienceClaim: AudienceClaim;
  /** The names of the only one taken. */
  readonly algorithms: readonly string[];
  readonly keys: KeySource;
}

export interface Principals {
  /** Whether nobody is configured, so that nobody gets in. */
  readonly isEmpty: boolean;
  readonly lookUp: LookUpCredential;
  readonly issuers: readonly Issuer[];
  /** What sessions are sealed with, the one for new ones first; empty: there are none. */
  readonly sessionSecrets: readonly string[];
  /** What the scope of a signature may name; empty: any. */
  readonly signingRegions: readonly string[];
  /** Whether callers are told everything about a refusal. */
  readonly localMode: boolean;
}

const PREFIX = "PRINCIPAL_";

/** Two, so that a key can be replaced without an outage: add the new one, move the callers, remove the old one. */
const LIVE_KEYS_MAX = 2;

/** AWS's secrets have 40 characters; RFC 7518 section 3.2 wants 32 bytes for HS256. */
const SECRET_MIN_LENGTH = 32;

/**
 * What identity providers sign with, and its other names: RFC 9864 says Ed25519 for what was EdDSA. HS256 is not among
 * them: it goes with secrets, and never with a published key.
 */
const PUBLIC_KEY_ALGORITHMS = [["RS256"], ["PS256"], ["ES256"], ["ES384"], ["EdDSA", "Ed25519"]];

/**
 * The claims that say whom a token is meant for, with identity providers that have it: `client_id` in Cognito's access
 * tokens, `azp` in Clerk's. No others, since a claim such as `iss` would make the check an empty one.
 */
const AUDIENCE_CLAIMS = ["aud", "client_id", "azp"] as const;

type AudienceClaim = (typeof AUDIENCE_CLAIMS)[number];

/** The variable by which policies for Cognito identities name their user. */
const COGNITO_SUB = "cognito-identity.amazonaws.com:sub";

/**
 * Reads the variables PRINCIPAL_<NAME> and SESSION_SECRETS, and with `localMode` the well-known ones beside them. Throws ConfigError,
 * which names the variable and never repeats what it holds.
 */
export function readPrincipals(
  variables: Readonly<Record<string, unknown>>,
  { localMode, signingRegions }: { localMode: boolean; signingRegions: readonly string[] },
): Principals {
  const credentials = new Map<string, Credential>();
  const issuers: Issuer[] = [];
  const sessionSecrets = readSessionSecrets(variables.SESSION_SECRETS, localMode);
  for (const [principal, document] of documentsIn(variables, localMode)) {
    const at = PREFIX + principal;
    const read = readPrincipal(principal, document, at);
    for (const [accessKeyId, credential] of read.credentials) {
      if (credentials.has(accessKeyId)) {
        throw new ConfigError(`${at} has an access key id that another key has too`);
      }
      credentials.set(accessKeyId, credential);
    }
    for (const added of read.issuers) {
      if (issuers.some((issuer) => isSameAudience(issuer, added))) {
        throw new ConfigError(`${at} has the issuer and the audience of another principal`);
      }
      issuers.push(added);
    }
  }
  return {
    isEmpty: credentials.size === 0 && issuers.length === 0,
    // By the id and not by whether there is a session token: the time that opening one takes would tell which ids there are.
    lookUp: async (accessKeyId, sessionToken = "") =>
      accessKeyId.startsWith(SESSION_ID_PREFIX)
        ? lookUpSession(accessKeyId, sessionToken, { secrets: sessionSecrets, issuers })
        : credentials.get(accessKeyId),
    issuers,
    sessionSecrets,
    signingRegions,
    localMode,
  };
}

function isSameAudience(a: Issuer, b: Issuer): boolean {
  return a.issuer === b.issuer && a.audience === b.audience && a.audienceClaim === b.audienceClaim;
}

function documentsIn(variables: Readonly<Record<string, unknown>>, localMode: boolean): [string, unknown][] {
  const configured = Object.entries(variables)
    .filter(([variable]) => variable.startsWith(PREFIX))
    .map(([variable, text]): [string, unknown] => [variable.slice(PREFIX.length), parseJson(text, variable)]);
  return localMode ? [...configured, ...Object.entries(LOCAL_PRINCIPALS)] : configured;
}

function readPrincipal(
  principal: string,
  document: unknown,
  at: string,
): { credentials: (readonly [string, Credential])[]; issuers: Issuer[] } {
  const { accessKeys, tokenIssuer, policy } = membersOf(document, at, ["accessKeys", "tokenIssuer", "policy"]);
  if ((accessKeys === undefined) === (tokenIssuer === undefined)) {
    throw new ConfigError(`${at} must have accessKeys or a tokenIssuer, and not both`);
  }
  if (accessKeys === undefined) {
    return { credentials: [], issuers: [readIssuer(tokenIssuer, `${at}.tokenIssuer`, { principal, policy, at })] };
  }
  const parsed = parsePolicy(policy, `${at}.policy`, () => undefined);
  const caller: Caller = { kind: "caller", principal, policy: parsed, claims: new Map() };
  const credentials = listOf(accessKeys, `${at}.accessKeys`, LIVE_KEYS_MAX, (key, place) => {
    const { accessKeyId, secretAccessKey } = membersOf(key, place, ["accessKeyId", "secretAccessKey"]);
    const secret = textOf(secretAccessKey, `${place}.secretAccessKey`, SECRET_MIN_LENGTH);
    return [readAccessKeyId(accessKeyId, `${place}.accessKeyId`), { caller, secretAccessKey: secret }] as const;
  });
  return { credentials: [...credentials], issuers: [] };
}

/** As IAM constrains them. Source: docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html */
function readAccessKeyId(value: unknown, at: string): string {
  if (typeof value !== "string" || !/^\w{16,128}$/.test(value)) {
    throw new ConfigError(`${at} must be 16 to 128 letters, digits and underscores`);
  }
  if (value.startsWith(SESSION_ID_PREFIX)) {
    throw new ConfigError(`${at} must not begin with ${SESSION_ID_PREFIX}, as the ids of sessions do`);
  }
  return value;
}

function readIssuer(
  value: unknown,
  at: string,
  { principal, policy, at: principalAt }: { principal: string; policy: unknown; at: string },
): Issuer {
  const { issuer, audience, audienceClaim, secrets, jwksUrl, algorithm, cognitoSubClaim } = membersOf(value, at, [
    ...(["issuer", "audience", "audienceClaim", "secrets", "jwksUrl", "algorithm", "cognitoSubClaim"] as const),
  ]);
  if ((secrets === undefined) === (jwksUrl === undefined)) {
    throw new ConfigError(`${at} must have secrets or a jwksUrl, and not both`);
  }
  const subClaim = cognitoSubClaim === undefined ? undefined : textOf(cognitoSubClaim, `${at}.cognitoSubClaim`);
  const claimOf: ClaimOf = (variable) =>
    variable === COGNITO_SUB ? subClaim : /^jwt:(?<claim>[\w.:/-]+)$/.exec(variable)?.groups?.claim;
  return {
    principal,
    policy: parsePolicy(policy, `${principalAt}.policy`, claimOf),
    issuer: textOf(issuer, `${at}.issuer`),
    audience: textOf(audience, `${at}.audience`),
    audienceClaim: readAudienceClaim(audienceClaim, `${at}.audienceClaim`),
    ...(jwksUrl === undefined ? secretKeys(secrets, algorithm, at) : publishedKeys(jwksUrl, algorithm, at)),
  };
}

function readAudienceClaim(value: unknown = "aud", at: string): AudienceClaim {
  const claim = AUDIENCE_CLAIMS.find((known) => known === value);
  if (claim === undefined) {
    throw new ConfigError(`${at} must be one of ${AUDIENCE_CLAIMS.join(", ")}`);
  }
  return claim;
}

function secretKeys(secrets: unknown, algorithm: unknown, at: string): Pick<Issuer, "algorithms" | "keys"> {
  if (algorithm !== undefined && algorithm !== "HS256") {
    throw new ConfigError(`${at}.algorithm must be "HS256" or absent where there are secrets`);
  }
  const texts = listOf(secrets, `${at}.secrets`, LIVE_KEYS_MAX, (secret, place) =>
    textOf(secret, place, SECRET_MIN_LENGTH),
  );
  return { algorithms: ["HS256"], keys: sharedSecrets(texts) };
}

function publishedKeys(jwksUrl: unknown, algorithm: unknown, at: string): Pick<Issuer, "algorithms" | "keys"> {
  const url = URL.parse(textOf(jwksUrl, `${at}.jwksUrl`));
  // Keys that come unencrypted may be anybody's, except from this machine itself.
  if (url?.protocol !== "https:" && !(url?.protocol === "http:" && /^(localhost|127\.0\.0\.1)$/.test(url.hostname))) {
    throw new ConfigError(`${at}.jwksUrl must be a URL that begins with https://`);
  }
  const algorithms = PUBLIC_KEY_ALGORITHMS.find((names) => names.some((name) => name === algorithm));
  if (algorithms === undefined) {
    throw new ConfigError(`${at}.algorithm must be one of ${PUBLIC_KEY_ALGORITHMS.flat().join(", ")}`);
  }
  return { algorithms, keys: remoteKeySet(url.href, algorithms) };
}
