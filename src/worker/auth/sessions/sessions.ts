import type { Failure } from "../../model/failure.ts";
import { authenticateBearer } from "../authenticate.ts";
import type { Bearer } from "../bearer/verify.ts";
import type { Principals } from "../principals.ts";
import { mint, type SessionCredentials } from "./mint.ts";

/** Exchanges users' tokens for credentials that AWS SDKs can sign with. */
export interface Sessions {
  /** Whom the token in an Authorization header speaks for; the header is "" where there is none. */
  authenticate(authorization: string): Promise<Bearer | Failure>;
  mint(bearer: Bearer): Promise<SessionCredentials | Failure>;
}

/** Undefined where there are no secrets for them, and so no sessions. */
export function sessionsOf(principals: Principals, clock: () => number): Sessions | undefined {
  const [secret] = principals.sessionSecrets;
  return secret === undefined
    ? undefined
    : {
        authenticate: (authorization) => authenticateBearer(authorization, principals, clock()),
        mint: (bearer) => mint(bearer, secret, clock()),
      };
}
