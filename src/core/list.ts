import type { Row } from "../model/endpoint.ts";
import { PAGE_ENDPOINTS_MAX } from "../model/limits.ts";
import type {
  ListAppInstanceUserEndpointsRequest as Request,
  ListAppInstanceUserEndpointsResponse as Response,
} from "../model/operations.ts";
import type { Decision } from "./decision.ts";
import { summarize } from "./describe.ts";
import { pageToken, positionOf } from "./page-token.ts";

/**
 * Decides a page of the user's endpoints, given all of the user's rows in the order of their ids.
 *
 * A page goes on after an id, and ids never change their order: whatever comes and goes between two pages, an endpoint
 * that was there all the time is listed once. The endpoint that a page goes on after may be gone by then, and
 * its row too.
 */
export function decideList(rows: readonly Row[], request: Request, userKey: string): Decision<Response> {
  const { appInstanceUserArn, maxResults = PAGE_ENDPOINTS_MAX, nextToken } = request;
  const after = nextToken === undefined ? "" : positionOf(nextToken, userKey);
  if (after === undefined) {
    return { answer: { kind: "invalid", reason: "NEXT_TOKEN_INVALID" } };
  }
  const left = rows.filter((row) => row.state === "live").filter(({ endpointId }) => endpointId > after);
  const page = left.slice(0, maxResults);
  const last = page.at(-1);
  return {
    answer: {
      kind: "ok",
      response: {
        appInstanceUserEndpoints: page.map((endpoint) => summarize(endpoint, appInstanceUserArn)),
        ...(last !== undefined && left.length > page.length && { nextToken: pageToken(last.endpointId, userKey) }),
      },
    },
  };
}
