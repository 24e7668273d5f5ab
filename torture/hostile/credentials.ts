/** Credentials that are nearly right: signatures in headers and queries, and tokens, each with something changed. */
import { createHmac } from "node:crypto";
import { LOCAL_TOKENS } from "../../src/worker/auth/local-principals.ts";
import { presignedUrl, signedHeaders } from "../../test/support/credentials.ts";
import type { Random } from "../random.ts";
import { type Arsenal, anyRegister, type Hostile, restGet, withHeader } from "./request.ts";

/** Without anything that says who is calling. */
function anonymous(request: Hostile): Hostile {
  return { ...request, headers: request.headers.filter(([name]) => name !== "authorization") };
}

/** A text with a piece left out, doubled, or replaced. */
function mutated(random: Random, text: string): string {
  const at = random.between(0, text.length);
  const end = Math.min(text.length, at + random.between(0, 20));
  const put = random.pick([
    "",
    "",
    text.slice(at, end).repeat(2),
    random.hex(6),
    ",",
    "=",
    "/",
    " ",
    ";",
    "%",
    "\xff",
    "é",
    "\t",
  ]);
  return text.slice(0, at) + put + text.slice(end);
}

export async function badSignature(arsenal: Arsenal): Promise<Hostile> {
  const { random, url } = arsenal;
  const request = anonymous(anyRegister(arsenal));
  const unsigned = {
    method: request.method,
    headers: Object.fromEntries(request.headers),
    body: Buffer.from(request.body),
  };
  const headers = { ...(await signedHeaders(url + request.target, unsigned)) } as Record<string, string>;
  const name = random.pick([
    "authorization",
    "authorization",
    "authorization",
    "x-amz-date",
    "x-amz-content-sha256",
    "host",
  ]);
  headers[name] = mutated(random, headers[name] ?? "UNSIGNED-PAYLOAD");
  return { ...request, headers: Object.entries(headers) };
}

export async function badPresigned(arsenal: Arsenal): Promise<Hostile> {
  const { random, url } = arsenal;
  const request = anonymous(restGet(arsenal, ""));
  const presigned = await presignedUrl(url + request.target, { method: "GET", headers: {}, body: null });
  const target = presigned.slice(url.length);
  const at = target.indexOf("?") + 1;
  return { ...request, target: target.slice(0, at) + mutated(random, target.slice(at)).replace(/\s|\xff|é/g, "") };
}

/** A session with its id, its secret or its token changed, on a call or to ask for another session with. */
export async function badSession(arsenal: Arsenal): Promise<Hostile> {
  const { random, url, caller } = arsenal;
  const response = await fetch(`${url}/credentials`, { headers: caller.headers });
  const { AccessKeyId = "", SecretAccessKey = "", Token = "" } = (await response.json()) as Record<string, string>;
  const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
  const changed = random.pick(["sessionToken", "sessionToken", "accessKeyId", "secretAccessKey"] as const);
  const signing = { ...session, [changed]: mutated(random, session[changed]).replace(/[\s\xff]/g, "") };
  const call = anonymous(restGet(arsenal, ""));
  const request = random.pick([call, call, { ...call, target: "/credentials" }]);
  const headers = await signedHeaders(url + request.target, { method: "GET", headers: {}, body: null }, signing);
  return { ...request, headers: Object.entries(headers) as [string, string][] };
}

export function badToken(arsenal: Arsenal): Hostile {
  const { random, secret, caller } = arsenal;
  const claims = {
    iss: LOCAL_TOKENS.issuer,
    aud: LOCAL_TOKENS.audience,
    sub: caller.arn.split("/").at(-1),
    exp: 4e9,
    secret,
  };
  const token = random.pick([
    jwt({ alg: "none" }, claims, ""),
    jwt({ alg: "None" }, claims),
    jwt({ alg: "HS512" }, claims),
    jwt({ alg: "RS256", kid: "../../etc/passwd" }, claims),
    jwt({ alg: "HS256", jku: "http://127.0.0.1:1/", x5u: "http://127.0.0.1:1/", jwk: { kty: "oct", k: "AA" } }, claims),
    jwt({ alg: "HS256", crit: ["exp"] }, claims),
    jwt({ alg: "HS256", b64: false, crit: ["b64"] }, claims),
    jwt({ alg: "HS256" }, { ...claims, exp: "never" }),
    jwt({ alg: "HS256" }, { ...claims, exp: -1, nbf: 9e15 }),
    jwt({ alg: "HS256" }, { ...claims, aud: [["rollcall"]], iss: { a: 1 } }),
    jwt({ alg: "HS256" }, { ...claims, sub: { toString: "x" } }),
    jwt({ alg: "HS256" }, { ...claims, sub: `*${secret}` }),
    jwt({ alg: "HS256" }, { ...claims, deep: JSON.parse("[".repeat(2_000) + "]".repeat(2_000)) }),
    jwt({ alg: "HS256" }, { ...claims, huge: "x".repeat(50_000) }),
    jwt({ alg: "HS256" }, claims).slice(0, -random.between(1, 40)),
    mutated(random, jwt({ alg: "HS256" }, claims)),
    "",
    ".",
    "..",
    "...",
    secret,
    `${secret}.${secret}.${secret}`,
    "=".repeat(50),
  ]);
  const scheme = random.pick([
    "Bearer",
    "Bearer",
    "Bearer",
    "bearer",
    "BEARER",
    "Bearer ",
    "Basic",
    "Digest",
    "AWS4-HMAC-SHA256",
    "",
  ]);
  return withHeader(anyRegister(arsenal), "authorization", `${scheme} ${token}`);
}

function jwt(header: object, claims: object, secret: string = LOCAL_TOKENS.secret): string {
  const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${content}.${secret && createHmac("sha256", secret).update(content).digest("base64url")}`;
}
