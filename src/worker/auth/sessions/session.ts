/** What a session is, and how large it may be. */

/** How ids of session keys begin, as those of AWS do. A configured key may have no such id. */
export const SESSION_ID_PREFIX = "ASIA";

/** A user's token turned into credentials for AWS SDKs: whom it speaks for, as it stands in the session token. */
export interface Session {
  readonly accessKeyId: string;
  /** The principal whose issuer signed the user's token, with what that issuer was configured to be. */
  readonly principal: string;
  readonly issuer: string;
  readonly audience: string;
  readonly audienceClaim: string;
  /**
   * `sub`, and what else the policy named when it was made: a claim that the user's token has not is null, and one that
   * nobody had named is absent.
   */
  readonly claims: readonly (readonly [name: string, value: string | null])[];
  /** Milliseconds since 1970, a whole second. */
  readonly expiresAt: number;
}

/** An hour, as AWS's own last if nothing else is asked for. One can't be revoked, so none is longer. */
export const SESSION_MAX_MS = 60 * 60 * 1_000;

/** A token that lasts no longer is as good as expired: SDKs would ask anew before every call. */
export const SESSION_MIN_MS = 60 * 1_000;

/** As long as an ARN may be: a longer value matches none. */
export const CLAIM_MAX_LENGTH = 1_600;

/** Proxies and servers take some 16 KiB of headers, and this is one of them. */
export const SESSION_TOKEN_MAX_LENGTH = 8 * 1_024;
