/** Where the keys that tokens are verified with come from. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from "jose";

/** The keys that may have signed a token with this header; `now` in milliseconds since 1970. */
export type KeySource = (header: JWSHeaderParameters, now: number) => Promise<readonly CryptoKey[]>;

/** An issuer's key set can't be had, and none is kept. */
export class KeySetUnreachableError extends Error {
  override readonly name = "KeySetUnreachableError";
}

/** Fetched again after this; identity providers announce a new key hours before they use it. */
const FRESH_MS = 10 * 60 * 1_000;

/** Between two fetches of a set: neither an issuer that is down nor tokens with made-up key ids cause more. */
const REST_MS = 30 * 1_000;

/** How long a set is still used that can't be renewed. A key that the issuer withdraws meanwhile is good for as long. */
const STALE_MAX_MS = 24 * 60 * 60 * 1_000;

const FETCH_MAX_MS = 3_000;

/** A set of ten RSA keys with their certificates is about 30 KiB. */
const KEY_SET_MAX_BYTES = 64 * 1_024;

/** Shared secrets: the one in use, and while they are changed the next. Importing one takes as long as verifying by it. */
export function sharedSecrets(secrets: readonly string[]): KeySource {
  let keys: readonly CryptoKey[] | undefined;
  return async () => {
    keys ??= await Promise.all(secrets.map(hmacKey));
    return keys;
  };
}

function hmacKey(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

/**
 * The key set that an issuer publishes at a URL, kept in memory. While the issuer is down, the kept set serves on;
 * without one, the source throws KeySetUnreachableError.
 *
 * jose's own remote key set has neither a bound in size nor a use for a stale set. No two requests wait for one fetch
 * together, because the runtime doesn't let one request wait for the I/O of another.
 */
export function remoteKeySet(url: string): KeySource {
  let kept: { find: ReturnType<typeof createLocalJWKSet>; fetchedAt: number } | undefined;
  let restingUntil = 0;

  async function renew(now: number): Promise<void> {
    if (kept !== undefined) {
      restingUntil = now + REST_MS;
    }
    const find = await fetchKeySet(url);
    restingUntil = now + REST_MS;
    kept = find === undefined ? kept : { find, fetchedAt: now };
  }

  return async (header, now) => {
    const ageMs = () => now - (kept?.fetchedAt ?? Number.NEGATIVE_INFINITY);
    if (ageMs() > FRESH_MS && now >= restingUntil) {
      await renew(now);
    }
    if (kept === undefined || ageMs() > STALE_MAX_MS) {
      throw new KeySetUnreachableError();
    }
    const keys = await keysIn(kept.find, header);
    if (keys.length > 0 || now < restingUntil) {
      return keys;
    }
    await renew(now);
    return keysIn(kept.find, header);
  };
}

/** The keys of a set that suit a header: none, one, or several that have no ids to tell them apart. */
async function keysIn(find: ReturnType<typeof createLocalJWKSet>, header: JWSHeaderParameters): Promise<CryptoKey[]> {
  try {
    return [await find(header)];
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) {
      return [];
    }
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      const keys: CryptoKey[] = [];
      for await (const key of error) {
        keys.push(key);
      }
      return keys;
    }
    throw error;
  }
}

/** Undefined if the issuer doesn't answer in time with a key set of a reasonable size. */
async function fetchKeySet(url: string): Promise<ReturnType<typeof createLocalJWKSet> | undefined> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(FETCH_MAX_MS) });
    return response.ok ? createLocalJWKSet(JSON.parse(await readText(response)) as JSONWebKeySet) : undefined;
  } catch {
    return undefined;
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > KEY_SET_MAX_BYTES) {
      throw new RangeError("the key set is too large");
    }
  }
  return text;
}
