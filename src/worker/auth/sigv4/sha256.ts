/** In hexadecimal, as signatures have it. By WebCrypto: `node:crypto` makes a stream for each. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
