/**
 * What becomes known of one request on its way, and is told of it in one line: see report. It names operations and
 * outcomes, and has no place for an ARN, a token, a name or a body.
 */
export interface RequestEvent {
  /** A UUID: also in the answer's headers, and in what is logged of a bug. */
  readonly requestId: string;
  /** Absent where the path belongs to neither wire. */
  wire?: "rest" | "connect" | "grpc-web";
  /** AWS's name of the operation, where one was found. */
  operation?: string;
  /** How it ended, as the kind and reason of an answer or a refusal, and for credentials the check that they failed. */
  outcome?: { readonly kind: string; readonly reason?: string; readonly replayed?: boolean; readonly fault?: string };
  /** How often the user's object was called again. */
  retries?: number;
}
