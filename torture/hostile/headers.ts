/** Headers by the thousand, of any length, and with values that mean something else than they should. */
import { type Arsenal, anyRegister, connectRegister, type Hostile, withHeader } from "./request.ts";

export function headerFlood(arsenal: Arsenal): Hostile {
  const { random } = arsenal;
  const request = anyRegister(arsenal);
  const flood = random.pick<[string, string][]>([
    Array.from({ length: random.between(100, 5_000) }, (_, n) => [`x-flood-${n}`, "x"]),
    Array.from({ length: random.between(100, 5_000) }, () => ["x-flood", random.hex(8)]),
    [["x-flood", "x".repeat(random.between(1_000, 300_000))]],
    [["x".repeat(random.between(1_000, 70_000)), "x"]],
    Array.from({ length: 500 }, () => ["cookie", `${random.hex(8)}=${random.hex(60)}`]),
    Array.from({ length: random.between(2, 50) }, () => ["content-type", "application/json"]),
    Array.from({ length: random.between(2, 50) }, () => ["x-amz-date", "20260101T000000Z"]),
  ]);
  return { ...request, headers: [...request.headers, ...flood] };
}

const TYPES = [
  "",
  " ",
  "text/plain",
  "application/xml",
  "application/json; charset=utf-16",
  "application/json;",
  "APPLICATION/JSON",
  "application/jsonx",
  "application/json, text/html",
  "application/x-amz-json-1.0",
  "application/x-amz-json-1.2",
  "application/connect+json",
  "application/grpc",
  "application/proto",
  "application/grpc-web+proto",
  "application/grpc-web+xml",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "multipart/form-data; boundary=x",
  "*/*",
  "application",
  "/",
  "\xff\xfe",
  "a".repeat(10_000),
  "application/json\tx",
];

export function anyType(arsenal: Arsenal): Hostile {
  return withHeader(anyRegister(arsenal), "content-type", arsenal.random.pick(TYPES));
}

/** Values that any header might be given. */
const VALUES = [
  "",
  " ",
  "0",
  "-1",
  "1e3",
  "NaN",
  "99999999999999999999",
  "1",
  "true",
  "\xff",
  "%00",
  "a,b",
  '"',
  "*",
  "null",
  "x".repeat(9_000),
];

const NAMES = [
  "connect-timeout-ms",
  "grpc-timeout",
  "connect-protocol-version",
  "connect-content-encoding",
  "connect-accept-encoding",
  "grpc-accept-encoding",
  "accept-encoding",
  "accept",
  "te",
  "origin",
  "access-control-request-method",
  "access-control-request-headers",
  "range",
  "if-none-match",
  "x-amz-content-sha256",
  "x-amz-security-token",
  "x-amz-date",
  "x-http-method-override",
  "x-forwarded-for",
  "x-forwarded-host",
  "forwarded",
  "cf-connecting-ip",
  "cf-worker",
  "x-amzn-requestid",
  "amz-sdk-request",
  "cookie",
  "upgrade",
  "connection",
  "expect",
  "trailer",
  "via",
  "date",
];

export function oddHeader(arsenal: Arsenal): Hostile {
  const { random } = arsenal;
  const request = random.pick([anyRegister, () => connectRegister(arsenal, "application/grpc-web+json")])(arsenal);
  const withOne = withHeader(request, random.pick(NAMES), random.pick(VALUES));
  return withHeader(withOne, random.pick(NAMES), random.pick(VALUES));
}

export function oddHost(arsenal: Arsenal): Hostile {
  const hosts = [
    "",
    " ",
    "a b",
    "[::",
    "[::1]",
    "x:99999",
    "x:-1",
    "a%00b",
    "\xff",
    "user@host",
    "..",
    "a".repeat(300),
    "elsewhere.example",
    "a, b",
    "xn--a",
  ];
  const { random } = arsenal;
  const request = withHeader(anyRegister(arsenal), "host", random.pick(hosts));
  return random.next() < 0.2 ? { ...request, headers: [...request.headers, ["host", "twice"]] } : request;
}
