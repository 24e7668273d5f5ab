/** Who is calling, once that is known. */
export interface Caller {
  readonly kind: "caller";
  /** The principal's name: for rate limits and logs, never a secret. */
  readonly principal: string;
}
