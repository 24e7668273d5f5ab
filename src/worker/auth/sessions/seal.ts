/**
 * Session tokens: a session, encrypted, so that nothing of it has to be kept. The secret access key that goes with one is
 * made from its text, so whoever has our secret can tell it, and nobody else.
 */
import { createHmac, hkdfSync } from "node:crypto";
import * as sealed from "../../seal.ts";
import { SESSION_TOKEN_MAX_LENGTH, type Session } from "./session.ts";

/** How what follows was made. */
const VERSION = "1.";

const KEY_BYTES = 32;

/** Each use of a secret has keys of its own. */
const ENCRYPT = "rollcall/session/encrypt";
const SIGN = "rollcall/session/sign";

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

/** Seals a session by a secret. */
export async function seal(session: Session, secret: string): Promise<Sealed> {
  const text = await sealed.seal(JSON.stringify(session), secret, ENCRYPT);
  const sessionToken = VERSION + text;
  return { sessionToken, secretAccessKey: secretAccessKeyOf(sessionToken, secret) };
}

/** What is in a session token, if one of the secrets sealed it and each of its characters is as it was then. */
export async function open(sessionToken: string, secrets: readonly string[]): Promise<Opened | undefined> {
  const isToken = sessionToken.length <= SESSION_TOKEN_MAX_LENGTH && sessionToken.startsWith(VERSION);
  const bytes = isToken ? bytesOf(sessionToken) : undefined;
  if (bytes === undefined) {
    return undefined;
  }
  for (const secret of secrets) {
    const text = await sealed.unseal(bytes, secret, ENCRYPT);
    if (text !== undefined) {
      return { session: JSON.parse(text), secretAccessKey: secretAccessKeyOf(sessionToken, secret) };
    }
  }
  return undefined;
}

function bytesOf(sessionToken: string): Uint8Array | undefined {
  return sealed.bytesOf(sessionToken.slice(VERSION.length));
}

function secretAccessKeyOf(sessionToken: string, secret: string): string {
  const salt = (bytesOf(sessionToken) as Uint8Array).subarray(0, sealed.SALT_BYTES);
  const key = new Uint8Array(hkdfSync("sha256", secret, salt, SIGN, KEY_BYTES));
  return createHmac("sha256", key).update(sessionToken).digest("base64url");
}
