/**
 * What the Worker uses of Node's modules, which the Workers runtime has (nodejs_compat). Nothing else of Node compiles here.
 * Source: developers.cloudflare.com/workers/runtime-apis/nodejs
 */
declare module "node:buffer" {
  export const Buffer: {
    from(text: string, encoding?: "base64url" | "hex"): { toString(encoding?: "base64url"): string };
    byteLength(text: string): number;
  };
}

declare module "node:crypto" {
  interface Digest {
    update(data: string): Digest;
    digest(encoding: "hex" | "base64" | "base64url"): string;
  }
  export function createHash(algorithm: "sha256"): Digest;
  export function createHmac(algorithm: "sha256", key: string | Uint8Array): Digest;
  export function hkdfSync(
    digest: "sha256",
    key: string,
    salt: Uint8Array,
    info: string,
    keyLength: number,
  ): ArrayBuffer;
  export function hash(algorithm: "sha256", data: string | Uint8Array, encoding?: "base64url"): string;
}

declare module "node:zlib" {
  export function gunzipSync(data: Uint8Array, options: { maxOutputLength: number }): Uint8Array<ArrayBuffer>;
}
