/** A request as it goes over a wire, but for who makes it: headers in lower case, and no Authorization among them. */
export interface WireRequest {
  readonly verb: string;
  /** From the root, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Wire = "Connect" | "REST";

/** One request, and what was answered. No secret of the caller's is in it. */
export interface Exchange {
  readonly wire: Wire;
  readonly request: WireRequest;
  /** The Authorization header with a placeholder for what is secret; absent where none was sent. */
  readonly authorization?: string;
  /** Absent where no answer came. */
  readonly answer?: WireAnswer;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  /** Milliseconds until the whole answer was there, or none came. */
  readonly tookMs: number;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function isOk(exchange: Exchange): boolean {
  return exchange.answer !== undefined && exchange.answer.status < 300;
}
