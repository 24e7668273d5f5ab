/** There is no whole copy, and why. */
export class CopyError extends Error {
  override readonly name = "CopyError";
}
