import type { Hono } from "hono";
import type { RequestEvent } from "./request-event.ts";

/** A request on its way to a wire. */
export interface Incoming {
  readonly request: Request;
  /** The request's URL. Its path is as it was sent: nothing in it decoded. */
  readonly url: URL;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly event: RequestEvent;
}

/** Who answers requests. */
export type Routes = Hono<{ Bindings: Incoming }>;
