/**
 * Session tokens: a session, encrypted, so that nothing of it has to be kept. The secret access key that goes with one is
 * made from its text, so whoever has our secret can tell it, and nobody else.
 */
import { createHmac, hkdfSync } from "node:crypto";
import { SESSION_TOKEN_MAX_LENGTH, type Session } from "./session.ts";

/** How what follows was made. */
const VERSION = "1.";

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** Each use of a secret has keys of its own. */
const ENCRYPT = "rollcall/session/encrypt";
const SIGN = "rollcall/session/sign";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

/** The credentials of a session. */
export interface Sealed {
  readonly sessionToken: string;
  readonly secretAccessKey: string;
}

/** What is in a session token, and the secret access key that goes with it. */
export interface Opened {
  readonly session: Session;
  readonly secretAccessKey: string;
}

/**
 * Seals a session by a secret.
 *
 * AES-GCM breaks where a key and a nonce are used twice. Both are derived from 128 random bits, so it takes the same bits
 * twice. Among n sessions that has happened with a probability below n² / 2^129: a million users, each with a new session
 * every hour for a hundred years, are 2^40 sessions, and it is 2^-49. One key and random nonces of 96 bits would have to
 * be replaced after 2^32 sessions, which are 179 days of the same users (NIST SP 800-38D, section 8.3).
 */
export async function seal(session: Session, secret: string): Promise<Sealed> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const { key, iv } = await encryptionOf(secret, salt, "encrypt");
  const plain = encoder.encode(JSON.stringify(session));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain));
  const sessionToken = VERSION + Uint8Array.of(...salt, ...sealed).toBase64(BASE64URL);
  return { sessionToken, secretAccessKey: secretAccessKeyOf(sessionToken, secret, salt) };
}

/** What is in a session token, if one of the secrets sealed it and each of its characters is as it was then. */
export async function open(sessionToken: string, secrets: readonly string[]): Promise<Opened | undefined> {
  if (sessionToken.length > SESSION_TOKEN_MAX_LENGTH) {
    return undefined;
  }
  const bytes = bytesOf(sessionToken);
  if (bytes === undefined) {
    return undefined;
  }
  const [salt, sealed] = [bytes.subarray(0, SALT_BYTES), bytes.subarray(SALT_BYTES)];
  for (const secret of secrets) {
    const session = await unseal(sealed, secret, salt);
    if (session !== undefined) {
      return { session, secretAccessKey: secretAccessKeyOf(sessionToken, secret, salt) };
    }
  }
  return undefined;
}

/** Undefined where the text is not the one way in which its bytes are written. */
function bytesOf(sessionToken: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.fromBase64(sessionToken.slice(VERSION.length), BASE64URL);
    return VERSION + bytes.toBase64(BASE64URL) === sessionToken ? bytes : undefined;
  } catch {
    return undefined;
  }
}

async function unseal(
  sealed: Uint8Array<ArrayBuffer>,
  secret: string,
  salt: Uint8Array<ArrayBuffer>,
): Promise<Session | undefined> {
  const { key, iv } = await encryptionOf(secret, salt, "decrypt");
  try {
    return JSON.parse(decoder.decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed)));
  } catch {
    return undefined;
  }
}

async function encryptionOf(secret: string, salt: Uint8Array, usage: "encrypt" | "decrypt") {
  const bytes = new Uint8Array(hkdfSync("sha256", secret, salt, ENCRYPT, KEY_BYTES + NONCE_BYTES));
  const key = await crypto.subtle.importKey("raw", bytes.subarray(0, KEY_BYTES), "AES-GCM", false, [usage]);
  return { key, iv: bytes.subarray(KEY_BYTES) };
}

function secretAccessKeyOf(sessionToken: string, secret: string, salt: Uint8Array): string {
  const key = new Uint8Array(hkdfSync("sha256", secret, salt, SIGN, KEY_BYTES));
  return createHmac("sha256", key).update(sessionToken).digest("base64url");
}
