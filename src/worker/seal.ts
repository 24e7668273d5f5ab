/** What is sealed by a secret is read by that secret alone, and only as it was sealed. */
import { hkdfSync } from "node:crypto";

export const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

/**
 * Seals a text, for one use of a secret: each has keys of its own, by its label. Answers the salt and what is sealed, in base64url.
 *
 * AES-GCM breaks where a key and a nonce are used twice. Both are derived from 128 random bits, so it takes the same bits
 * twice. Among n seals that has happened with a probability below n² / 2^129: a million users, each with a new session
 * every hour for a hundred years, are 2^40 seals, and it is 2^-49. One key and random nonces of 96 bits would have to
 * be replaced after 2^32 seals, which are 179 days of the same users (NIST SP 800-38D, section 8.3).
 */
export async function seal(text: string, secret: string, label: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const { key, iv } = await encryptionOf(secret, salt, label, "encrypt");
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, encoder.encode(text)));
  return Uint8Array.of(...salt, ...sealed).toBase64(BASE64URL);
}

/** What was sealed, or undefined if it was not by this secret and for this use, or if any of its bytes is another. */
export async function unseal(sealed: Uint8Array, secret: string, label: string): Promise<string | undefined> {
  const { key, iv } = await encryptionOf(secret, sealed.subarray(0, SALT_BYTES), label, "decrypt");
  try {
    const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed.slice(SALT_BYTES));
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of a seal. Undefined where the text is not the one way in which they are written. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, BASE64URL);
    return bytes.toBase64(BASE64URL) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

async function encryptionOf(secret: string, salt: Uint8Array, label: string, usage: "encrypt" | "decrypt") {
  const bytes = new Uint8Array(hkdfSync("sha256", secret, salt, label, KEY_BYTES + NONCE_BYTES));
  const key = await crypto.subtle.importKey("raw", bytes.subarray(0, KEY_BYTES), "AES-GCM", false, [usage]);
  return { key, iv: bytes.subarray(KEY_BYTES) };
}
