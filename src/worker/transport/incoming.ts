import type { Hono } from "hono";
import type { Body } from "./http/body.ts";
import type { RequestHead } from "./http/head.ts";
import type { RequestEvent } from "./reporting/request-event.ts";

/** A request, read as far as every protocol reads it. */
export interface Incoming {
  readonly request: Request;
  /** The request's URL. Its path is as it was sent: nothing in it decoded. */
  readonly url: URL;
  readonly head: RequestHead;
  /** Read before anything is answered: who is refused while it still sends may lose the answer (http/body). */
  readonly body: Body;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly event: RequestEvent;
}

/** Who answers requests. */
export type Routes = Hono<{ Bindings: Incoming }>;
