/** A push service, as the sender needs it, and what an answer of one says: whether the push was taken, and whether to try again. */

/** What one device gets. */
export interface Push {
  /** A UUID, the same whenever this message is sent to this device. */
  readonly id: string;
  /** A device shows one push of the same collapse id, the last. Each message has one, so one that comes twice is shown once. */
  readonly collapseId: string;
  /** Whether the sender was given the collapse id: then FCM, too, keeps only the last for a device that is off. */
  readonly isCollapsible: boolean;
  readonly title: string;
  readonly body?: string | undefined;
  readonly data: Readonly<Record<string, string>>;
  readonly expiresAt?: Date | undefined;
}

export type Ending =
  | { readonly outcome: "sent" }
  | {
      /**
       * `refused`: it will not be taken another time either. `not_taken`: it may be, later. `unknown`: nobody knows whether it was
       * taken, so that it must not be sent again.
       */
      readonly outcome: "refused" | "not_taken" | "unknown";
      /** As the library gives it, for the report. */
      readonly answer: unknown;
      /** The push service asks for it. */
      readonly waitMs?: number;
    };

export interface PushService {
  /** Sends once. Does not throw. */
  send(deviceToken: string, push: Push): Promise<Ending>;
  close(): Promise<void>;
}

/** What is sure not to have left: there was no connection, or it took no more requests. */
const NEVER_LEFT = new Set([
  ...["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"],
  ...["ERR_HTTP2_GOAWAY_SESSION", "ERR_HTTP2_INVALID_SESSION", "ERR_HTTP2_STREAM_CANCEL"],
  // No access token for FCM.
  "app/invalid-credential",
]);

/** Whether an error, or one of its causes as libraries nest them, happened before the push left. */
export function hasNeverLeft(error: unknown): boolean {
  if (!(error instanceof Object)) {
    return false;
  }
  const { code, message, error: inner, jse_cause, cause } = error as Record<string, unknown>;
  return (
    NEVER_LEFT.has(String(code)) ||
    String(message).includes("NGHTTP2_REFUSED_STREAM") ||
    [inner, jse_cause, cause].some(hasNeverLeft)
  );
}
