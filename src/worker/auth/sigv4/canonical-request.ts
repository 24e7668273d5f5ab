import type { Parameter } from "./query.ts";

/** What of a request is signed. */
export interface SignedParts {
  readonly method: string;
  /** As it stood on the wire: nothing in it decoded. */
  readonly rawPath: string;
  /** Without the signature itself. */
  readonly query: readonly Parameter[];
  readonly headers: readonly Parameter[];
  /** SHA-256 of the body, in hexadecimal. */
  readonly payloadHash: string;
}

/** The text that stands for a request: equal requests have the same, and any change that matters makes another. */
export function canonicalRequest({ method, rawPath, query, headers, payloadHash }: SignedParts): string {
  return [
    method,
    canonicalPath(rawPath),
    canonicalQuery(query),
    ...headers.map(([name, value]) => `${name}:${canonicalValue(value)}`),
    "",
    headers.map(([name]) => name).join(";"),
    payloadHash,
  ].join("\n");
}

/** What may be shown of a request to whoever sent it, in a message that others may read. */
export function withoutSecrets({ query, headers, ...parts }: SignedParts): SignedParts {
  return { ...parts, query: query.map(withoutSecret), headers: headers.map(withoutSecret) };
}

const SECRETS = /^(x-amz-security-token|x-amz-signature|authorization|proxy-authorization|cookie)$/i;

function withoutSecret([name, value]: Parameter): Parameter {
  return [name, SECRETS.test(name) ? "LEFT-OUT" : value];
}

/**
 * Every service but S3 has its path encoded once more on top of how it is sent, so "%2F" is signed as "%252F". That is
 * what SDKs do, and the only way that is accepted: a second one would let two paths share a signature.
 */
function canonicalPath(rawPath: string): string {
  return rawPath.split("/").map(encode).join("/");
}

function canonicalQuery(query: readonly Parameter[]): string {
  return query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Of a header that came several times the runtime has joined the values by ", " and signers by ",": no SDK sends one. */
function canonicalValue(value: string): string {
  return value.trim().replace(/ +/g, " ");
}

/** RFC 3986: everything but letters, digits and "-._~". */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** By code points; both are ASCII. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
