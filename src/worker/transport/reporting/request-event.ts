/**
 * What becomes known of one request on its way, and is told of it in one line: see report. It names operations and
 * outcomes, and has no place for an ARN, a token, a name or a body.
 */
export interface RequestEvent {
  /** A UUID: also in the answer's headers, and in what is logged of a bug. */
  readonly requestId: string;
  /** Absent where the path belongs to neither wire. */
  wire?: "rest" | "connect" | "grpc-web";
  /** AWS's name of the operation, or "GetCredentials", where one was found. */
  operation?: string;
  /** How it ended, as the kind and reason of an answer or a refusal, and for credentials the check that they failed. */
  outcome?: {
    readonly kind: string;
    readonly reason?: string;
    readonly replayed?: boolean;
    readonly adopted?: boolean;
    readonly fault?: string;
  };
  /** How often users' objects were called again. */
  retries?: number;
  /** The name of the principal that called, as its variable has it. */
  principal?: string;
  /** How many devices another user has lost by it. */
  moved?: number;
  /** Of a call about many users. */
  tally?: Tally;
  /** How many bugs it met, and how many failures of the runtime or of objects: each has a line of its own. */
  bugs?: number;
  unreached?: number;
}

/** How many a call was about. */
export interface Tally {
  readonly users: number;
  /** Endpoints that were answered, or failures that were taken. */
  readonly endpoints: number;
  /** Users who were not served. */
  readonly errors: number;
  /** Failures whose reason says nothing of the token: a word that is not known, or a payload that was refused. */
  readonly ignored?: number;
}
