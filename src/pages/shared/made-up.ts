/** What a person who tries the register out has none of. */

/** A device token that no push service gave. It says so, wherever it is found. */
export function madeUpDeviceToken(): string {
  return `made-up-${randomHex(24)}`;
}

/** A request token: for one registration, and for repeats of it. */
export function newRequestToken(): string {
  return `try-${randomHex(12)}`;
}

/** `crypto.randomUUID` is there on secure origins alone, and a page of a server on the local network has none. */
function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
