import { tracing } from "cloudflare:workers";
import type { RequestEvent } from "./request-event.ts";

const HIDDEN = "hidden";

/**
 * Keeps what a caller sent out of the traces that the runtime makes by itself: the span of a request would hold its
 * URL, on REST with the user's ARN, and in a presigned one with a signature. Instead it gets the id by which the log
 * tells of the request.
 * Most requests are not sampled, and have no span that is kept.
 * Source: developers.cloudflare.com/workers/observability/traces/spans-and-attributes
 */
export function hideInTrace({ requestId }: RequestEvent): void {
  const span = tracing.getActiveSpan();
  if (span?.isTraced) {
    span.setAttributes({
      "url.full": HIDDEN,
      "url.path": HIDDEN,
      "url.query": HIDDEN,
      "rollcall.request_id": requestId,
    });
  }
}
