/** Paths, queries and methods that lead somewhere else, or nowhere. */
import { RESOURCE_ARN } from "../../test/support/requests.ts";
import type { Random } from "../random.ts";
import {
  type Arsenal,
  anyRegister,
  connectRegister,
  endpointsOf,
  type Hostile,
  restGet,
  restRegister,
} from "./request.ts";

/** What may stand in a path by mistake or on purpose. Some of it is no URI at all. */
const PIECES = [
  "..",
  ".",
  "%2e%2e",
  "%2E.",
  "..%2f",
  "%2f",
  "/",
  "//",
  "%5c",
  "\\",
  "%00",
  "\0",
  "%",
  "%zz",
  "%u002e",
  "%c0%ae",
  "%c0%af",
  "%e0%80%ae",
  "%f0%80%80%ae",
  "%ed%a0%80",
  "%ff",
  "%25",
  "%252e",
  "%252f",
  "?",
  "#",
  ";a=b",
  ":",
  "*",
  "{arn}",
  " ",
  "+",
  "é",
  "%0d%0aSet-Cookie:x",
  "%0a",
  "%E2%80%AE",
  "%F0%9F%98%80",
  "<script>",
  "'\"",
  "|",
  "^",
  "`",
];

export function badPath(arsenal: Arsenal): Hostile {
  const { random } = arsenal;
  const request = random.pick([
    restRegister,
    () => restGet(arsenal, ""),
    () => restGet(arsenal, "/x"),
    connectRegister,
  ])(arsenal);
  const at = random.between(0, request.target.length);
  return { ...request, target: request.target.slice(0, at) + random.pick(PIECES) + request.target.slice(at) };
}

/** Targets in the other forms of HTTP, which proxies and servers take, and in none. */
export function oddTarget(arsenal: Arsenal): Hostile {
  const { random, caller } = arsenal;
  const endpoints = endpointsOf(caller);
  const target = random.pick([
    "*",
    "/",
    "//",
    "///",
    "",
    "?",
    "/?",
    "x",
    "x:80",
    "127.0.0.1:1",
    `http://elsewhere.example${endpoints}`,
    `https://user:password@elsewhere.example:99999${endpoints}`,
    "http://",
    "http:///x",
    "file:///etc/passwd",
    `//elsewhere${endpoints}`,
    "/health",
    "/health/",
    "/HEALTH",
    "/credentials",
    "/credentials/",
    "/docs",
    "/docs/../../etc/passwd",
    "/console/%2e%2e/x",
    "/openapi.json?x=%00",
    "/.env",
    `/${"a".repeat(random.between(1_000, 60_000))}`,
    `/${"a/".repeat(random.between(100, 20_000))}`,
    `/?${"a=b&".repeat(10_000)}`,
    `${endpoints}?`,
    `${endpoints}/`,
    `${endpoints}/x/y`,
    endpoints.slice(0, -1),
    endpoints.toUpperCase(),
  ]);
  return { ...anyRegister(arsenal), target };
}

export function badQuery(arsenal: Arsenal): Hostile {
  const { random } = arsenal;
  const query = random.pick([
    "max-results=",
    "max-results=0",
    "max-results=51",
    "max-results=-1",
    "max-results=1e1",
    "max-results=0x10",
    "max-results=%00",
    "max-results=1&max-results=2",
    `max-results=${"9".repeat(400)}`,
    "max-results=NaN",
    "next-token=",
    "next-token=%ff",
    "next-token=a.b",
    `next-token=${random.bytes(60).toString("base64url")}`,
    `next-token=${"A".repeat(2_049)}`,
    "__proto__=x",
    "=",
    "&&&",
    "%=%",
    "MaxResults=1",
  ]);
  return restGet(arsenal, `?${query}`);
}

/** All of the HTTP method registry's, some of WebDAV's, and none of anybody's. */
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PATCH",
  "PROPFIND",
  "MKCOL",
  "COPY",
  "LOCK",
  "SEARCH",
  "REPORT",
  "CONNECT",
  "PURGE",
  "LINK",
  "M-SEARCH",
  "BREW",
  "get",
  "Post",
  "G",
  "GET/",
  "\0",
  "A".repeat(300),
];

export function anyMethod(arsenal: Arsenal): Hostile {
  const { random } = arsenal;
  const request = random.pick([
    restRegister,
    () => restGet(arsenal, "/x"),
    connectRegister,
    () => ({ ...restGet(arsenal, ""), target: "/health" }),
  ])(arsenal);
  return { ...request, method: random.pick(METHODS) };
}

/** Connect's GET, which this service has for no operation. */
export function connectGet(arsenal: Arsenal): Hostile {
  const { random, secret } = arsenal;
  const { target, headers } = connectRegister(arsenal);
  const query = random.pick([
    `connect=v1&encoding=json&message=${encodeURIComponent(JSON.stringify({ endpointAttributes: { deviceToken: secret } }))}`,
    `connect=v1&encoding=proto&base64=1&message=${random.bytes(40).toString("base64url")}`,
    `connect=v2&encoding=${secret}&message=%ff`,
    `message=${secret}&compression=gzip`,
  ]);
  return { method: "GET", target: `${target}?${query}`, headers, body: new Uint8Array() };
}

/** A user that nobody ever heard of, under an ARN that is one, or is nearly. */
export function madeUpArn(arsenal: Arsenal): Hostile {
  const { random, caller } = arsenal;
  const user = caller.arn.split("/").at(-1);
  const arn = random.pick([
    `arn:aws:chime:${anyText(random)}:${anyText(random)}:app-instance/${anyText(random)}/user/${user}`,
    `arn:aws:chime:us-east-1:1:app-instance/${random.hex(random.between(1, 900))}/user/${user}`,
    `arn:aws:chime:us-east-1:1:app-instance/\u{1f600}\u0301é/user/${user}`,
    `arn:${"a".repeat(random.between(1, 64))}:chime:::app-instance/x/user/${user}`,
    RESOURCE_ARN,
  ]);
  const known = { ...arsenal, caller: { ...caller, arn } };
  return random.pick([
    restRegister,
    connectRegister,
    () => restGet(known, ""),
    () => restGet(known, `/${random.hex(8)}`),
  ])(known);
}

function anyText(random: Random): string {
  return random.bytes(random.between(0, 30)).toString("base64url").toLowerCase().replace(/_/g, ".");
}
