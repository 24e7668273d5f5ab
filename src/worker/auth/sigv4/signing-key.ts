import type { Scope } from "./parse.ts";

/** Two days of some hundred keys and regions. Callers may name any region, so there has to be an end. */
const KEYS_MAX = 500;

/** Oldest first. Deriving takes four rounds through WebCrypto, most of what verifying costs. */
const keys = new Map<string, CryptoKey>();

const encoder = new TextEncoder();

/** The key that a secret makes for a scope, for verifying only. */
export async function signingKey(secret: string, scope: Scope): Promise<CryptoKey> {
  const name = [...scope, secret].join("/");
  const known = keys.get(name);
  if (known !== undefined) {
    return known;
  }
  const key = await derive(secret, scope);
  const [oldest] = keys.keys();
  if (keys.size >= KEYS_MAX && oldest !== undefined) {
    keys.delete(oldest);
  }
  keys.set(name, key);
  return key;
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
