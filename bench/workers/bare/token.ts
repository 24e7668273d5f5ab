import { LOCAL_TOKENS } from "../../../src/worker/auth/local-principals.ts";

const HMAC = { name: "HMAC", hash: "SHA-256" };
const BASE64URL = { alphabet: "base64url" } as const;

const utf8 = new TextEncoder();
const text = new TextDecoder();

let key: Promise<CryptoKey> | CryptoKey | undefined;

/** Who bears the token of a request, by the secret of local mode; undefined: it is not good. */
export async function bearerOf({ headers }: Request): Promise<string | undefined> {
  const authorization = headers.get("authorization") ?? "";
  const [header = "", claims = "", signature = ""] = authorization.slice("Bearer ".length).split(".");
  const { alg } = jsonIn(header) as { alg: string };
  const { iss, aud, exp, sub } = jsonIn(claims) as { iss: string; aud: string; exp: number; sub: string };
  const isTimely = exp * 1_000 > Date.now();
  if (alg !== "HS256" || iss !== LOCAL_TOKENS.issuer || aud !== LOCAL_TOKENS.audience || !isTimely) {
    return undefined;
  }
  key ??= crypto.subtle.importKey("raw", utf8.encode(LOCAL_TOKENS.secret), HMAC, false, ["verify"]);
  const signed = utf8.encode(`${header}.${claims}`);
  const isRight = await crypto.subtle.verify(HMAC, await key, Uint8Array.fromBase64(signature, BASE64URL), signed);
  return isRight ? sub : undefined;
}

function jsonIn(part: string): unknown {
  return JSON.parse(text.decode(Uint8Array.fromBase64(part, BASE64URL)));
}
