/** Sessions as they are made and used: users' tokens by jose, signatures by aws4fetch, and time as the test says. */
import { SignJWT } from "jose";
import { authenticate } from "../../src/worker/auth/authenticate.ts";
import { type Principals, readPrincipals } from "../../src/worker/auth/principals.ts";
import type { SessionCredentials } from "../../src/worker/auth/sessions/mint.ts";
import { sessionsOf } from "../../src/worker/auth/sessions/sessions.ts";
import type { ReceivedRequest } from "../../src/worker/auth/sigv4/verify.ts";
import type { Caller } from "../../src/worker/model/caller.ts";
import type { Failure } from "../../src/worker/model/failure.ts";
import { presignedUrl, type Signing, signedHeaders } from "./credentials.ts";

export const NOW = Date.UTC(2026, 10, 26, 12);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

const TOKEN_SECRET = "what tokens of users are signed with";
const FIRST = "the first secret that seals sessions";

export const ISSUER = { issuer: "https://issuer.example.com", audience: "rollcall", secrets: [TOKEN_SECRET] };

export const OWN_USER = `arn:aws:chime:us-east-1:123456789012:app-instance/app/user/\${jwt:sub}`;

export function allow(resource: string): object {
  return { Effect: "Allow", Action: "chime:*", Resource: resource };
}

/** A principal whose users sign in: by whom, and what they may. */
export function app(statements: object[] = [allow(OWN_USER)], tokenIssuer: object = ISSUER): string {
  return JSON.stringify({ tokenIssuer, policy: { Version: "2012-10-17", Statement: statements } });
}

/** Those of a server, with the variables that a deployment would have. */
export function principalsOf(
  variables: Record<string, string> = { PRINCIPAL_APP: app() },
  secrets: readonly string[] = [FIRST],
): Principals {
  const all = { SESSION_SECRETS: JSON.stringify(secrets), ...variables };
  return readPrincipals(all, { localMode: false, signingRegions: [] });
}

export function userToken(claims: object = {}, now = NOW): Promise<string> {
  const { issuer: iss, audience: aud } = ISSUER;
  const payload = { iss, aud, sub: "alice", exp: (now + 24 * HOUR_MS) / 1_000, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(TOKEN_SECRET));
}

/** What a server answers whoever brings this in an Authorization header. */
export async function exchange(
  authorization: string,
  principals: Principals,
  now = NOW,
): Promise<SessionCredentials | Failure> {
  const sessions = sessionsOf(principals, () => now);
  if (sessions === undefined) {
    throw new Error("there are no sessions");
  }
  const bearer = await sessions.authenticate(authorization);
  return bearer.kind === "bearer" ? sessions.mint(bearer) : bearer;
}

/** Credentials for the bearer of a good token. */
export async function sessionOf(
  claims: object = {},
  principals: Principals = principalsOf(),
  now = NOW,
): Promise<SessionCredentials> {
  const answer = await exchange(`Bearer ${await userToken(claims, now)}`, principals, now);
  if (answer.kind !== "ok") {
    throw new Error(`no session: ${answer.reason}`);
  }
  return answer;
}

export type Keys = Pick<SessionCredentials, "accessKeyId" | "secretAccessKey" | "sessionToken">;

const HOST = "https://rollcall.example.com";
const LIST = { method: "GET", headers: {}, body: null } as const;

/** A call as a server receives it, signed in its headers or as a presigned URL. */
export async function signedCall(
  { accessKeyId, secretAccessKey, sessionToken }: Keys,
  { now = NOW, where = "header" }: { now?: number; where?: "header" | "query" } = {},
): Promise<ReceivedRequest> {
  const datetime = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const signing: Signing = { accessKeyId, secretAccessKey, datetime, ...(sessionToken && { sessionToken }) };
  const url = `${HOST}/app-instance-users/arn/endpoints`;
  const request =
    where === "header"
      ? new Request(url, { headers: await signedHeaders(url, LIST, signing) })
      : new Request(await presignedUrl(url, LIST, signing));
  return { request, url: new URL(request.url), body: new Uint8Array() };
}

/** Whom a server takes the signer of a call for. */
export async function callWith(
  keys: Keys,
  principals: Principals,
  options: { now?: number; where?: "header" | "query" } = {},
): Promise<Caller | Failure> {
  return authenticate(await signedCall(keys, options), principals, options.now ?? NOW);
}
