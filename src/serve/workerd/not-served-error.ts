/** There is no server, and why; or workerd itself has said so. */
export class NotServedError extends Error {
  override readonly name = "NotServedError";
}
