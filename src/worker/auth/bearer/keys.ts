/** Where the keys that tokens are verified with come from. */
import { createLocalJWKSet, type JWK, type JWSHeaderParameters } from "jose";

/** The keys that may have signed a token with this header; `now` in milliseconds since 1970. */
export type KeySource = (header: JWSHeaderParameters, now: number) => Promise<readonly CryptoKey[]>;

/** A key of a set. */
interface PublishedKey {
  readonly id: unknown;
  readonly key: CryptoKey;
}

/** An issuer's key set can't be had, and none is kept. */
export class KeySetUnreachableError extends Error {
  override readonly name = "KeySetUnreachableError";
}

/** Fetched again after this; identity providers announce a new key hours before they use it. */
const FRESH_MS = 10 * 60 * 1_000;

/** Between two fetches of a set that is kept: neither an issuer that is down nor tokens with made-up key ids cause more. */
const REST_MS = 30 * 1_000;

/**
 * The same where none is kept, and what callers wait before they try again: so long every token of the issuer is refused,
 * which should not last much longer than what made one fetch fail.
 */
export const COLD_REST_MS = 5 * 1_000;

/** How long a set is still used that can't be renewed. A key that the issuer withdraws meanwhile is good for as long. */
const STALE_MAX_MS = 24 * 60 * 60 * 1_000;

const FETCH_MAX_MS = 3_000;

/** Fetches of a set that is not kept, at once: one would do, but whoever waits for an answer may go away. */
const FETCHES_MAX = 2;

/** How often those who wait for another's fetch look for what came of it. */
const LOOK_AGAIN_MS = 25;

/** A set of eighty RSA keys with their certificates. */
const KEY_SET_MAX_BYTES = 256 * 1_024;

/** The smallest that RFC 7518 section 3.3 allows. */
const RSA_MIN_BITS = 2_048;

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
 * The key set that an issuer publishes at a URL, kept in memory, for tokens of an algorithm by any of its names. While the
 * issuer is down, the kept set serves on; without one, the source throws KeySetUnreachableError.
 *
 * jose's own remote key set has neither a bound in size nor a use for a stale set. No two requests wait for one fetch
 * together, because the runtime doesn't let one request wait for the I/O of another: while as many fetch as may, others
 * look again from time to time.
 */
export function remoteKeySet(url: string, algorithms: readonly string[]): KeySource {
  let kept: { keys: readonly PublishedKey[]; fetchedAt: number } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** When each fetch began that has not ended. One whose request was cancelled never ends. */
  const fetches = new Map<symbol, number>();

  const isUsable = (now: number) => kept !== undefined && now - kept.fetchedAt <= STALE_MAX_MS;
  const isResting = (now: number) => now - askedAt < (isUsable(now) ? REST_MS : COLD_REST_MS);

  async function renew(now: number): Promise<void> {
    const [fetching, startedAt] = [Symbol(), Date.now()];
    fetches.set(fetching, startedAt);
    if (isUsable(now)) {
      askedAt = now;
    }
    const keys = await fetchKeySet(url, algorithms);
    fetches.delete(fetching);
    askedAt = now;
    kept = keys === undefined ? kept : { keys, fetchedAt: now };
  }

  function mayFetch(): boolean {
    for (const [fetching, startedAt] of fetches) {
      if (Date.now() - startedAt > FETCH_MAX_MS) {
        fetches.delete(fetching);
      }
    }
    return fetches.size < FETCHES_MAX;
  }

  /** Has a first set, or a new one after a day: by a fetch, or by that of another. */
  async function obtain(now: number): Promise<void> {
    const waitUntil = Date.now() + FETCH_MAX_MS;
    while (!isUsable(now) && !isResting(now) && Date.now() < waitUntil) {
      await (mayFetch() ? renew(now) : scheduler.wait(LOOK_AGAIN_MS));
    }
  }

  return async ({ kid }, now) => {
    if (!isUsable(now)) {
      await obtain(now);
    } else if (now - (kept?.fetchedAt ?? 0) > FRESH_MS && !isResting(now)) {
      await renew(now);
    }
    if (kept === undefined || !isUsable(now)) {
      throw new KeySetUnreachableError();
    }
    const keys = keysNamed(kid, kept.keys);
    if (keys.length > 0 || isResting(now)) {
      return keys;
    }
    await renew(now);
    return keysNamed(kid, kept.keys);
  };
}

/** The keys that a token may mean: all of them where it names none. */
function keysNamed(kid: unknown, keys: readonly PublishedKey[]): CryptoKey[] {
  return keys.filter(({ id }) => kid === undefined || id === kid).map(({ key }) => key);
}

/** Undefined if the issuer doesn't answer in time with a key set of a reasonable size. */
async function fetchKeySet(url: string, algorithms: readonly string[]): Promise<PublishedKey[] | undefined> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(FETCH_MAX_MS) });
    return response.ok ? await readKeySet(await readText(response), algorithms) : undefined;
  } catch {
    return undefined;
  }
}

/** The keys of a set that can be used. One that can't be is no key, whatever is wrong with it, and others serve on. */
async function readKeySet(text: string, algorithms: readonly string[]): Promise<PublishedKey[]> {
  const { keys } = JSON.parse(text) as { keys: JWK[] };
  const read = await Promise.allSettled(
    keys.flatMap((jwk) => algorithms.map(async (alg) => ({ id: jwk.kid, key: await usableKey(jwk, alg) }))),
  );
  return read.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}

/** By a set of its own, so that jose says what suits an algorithm. Throws where the key does not, or can't be used. */
async function usableKey(jwk: JWK, alg: string): Promise<CryptoKey> {
  const key = await createLocalJWKSet({ keys: [jwk] })({ alg });
  const { modulusLength = RSA_MIN_BITS } = key.algorithm as { modulusLength?: number };
  if (modulusLength < RSA_MIN_BITS) {
    throw new RangeError("the key is too small");
  }
  return key;
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > KEY_SET_MAX_BYTES) {
      throw new RangeError("the key set is too large");
    }
    text += decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return text;
}
