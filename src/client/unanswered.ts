/** Why an attempt got no answer. Connect keeps what its fetch threw as the cause of its own error. */
export class UnansweredError extends Error {
  readonly kind: "network" | "credentials";

  constructor(kind: "network" | "credentials", message: string, cause: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
