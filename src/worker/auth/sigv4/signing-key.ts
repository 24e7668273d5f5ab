import type { Scope, Signature } from "./parse.ts";

/** Two days of some hundred keys and regions. */
const KEYS_MAX = 500;

/**
 * Oldest first, and only such as have let a caller in: whoever has no secret can push none out by naming ever new
 * regions. Deriving takes four rounds through WebCrypto, most of what verifying costs.
 */
const keys = new Map<string, CryptoKey>();

const encoder = new TextEncoder();

/**
 * Whether a text was signed with a secret. `mayKeep` says whether to keep the key, which is for callers that are let in by
 * this; where one is not, be it for this or for a wrong signature, a key is derived in any case, because the time would
 * tell that one was kept.
 */
export async function isSignedWith(
  secret: string,
  { scope, bytes }: Pick<Signature, "scope" | "bytes">,
  text: string,
  mayKeep: boolean,
): Promise<boolean> {
  const name = [...scope, secret].join("/");
  const kept = keys.get(name);
  const key = kept ?? (await derive(secret, scope));
  const isRight = await crypto.subtle.verify("HMAC", key, bytes, encoder.encode(text));
  if (!isRight || !mayKeep) {
    await (kept && derive(secret, scope));
  } else if (kept === undefined) {
    keep(name, key);
  }
  return isRight;
}

function keep(name: string, key: CryptoKey): void {
  const [oldest] = keys.keys();
  if (keys.size >= KEYS_MAX && oldest !== undefined) {
    keys.delete(oldest);
  }
  keys.set(name, key);
}

async function derive(secret: string, scope: Scope): Promise<CryptoKey> {
  let bytes: ArrayBuffer | Uint8Array = encoder.encode(`AWS4${secret}`);
  for (const step of scope) {
    bytes = await crypto.subtle.sign("HMAC", await hmacKey(bytes, "sign"), encoder.encode(step));
  }
  return hmacKey(bytes, "verify");
}

function hmacKey(bytes: ArrayBuffer | Uint8Array, usage: "sign" | "verify"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [usage]);
}
