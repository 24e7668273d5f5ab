import type { Endpoint, Row } from "../model/endpoint.ts";
import { PAGE_ENDPOINTS_MAX } from "../model/limits.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import type { Decision } from "./decision.ts";
import { summarize } from "./describe.ts";
import { pageToken, positionOf } from "./page-token.ts";

type Request = RequestOf<"listAppInstanceUserEndpoints">;
type Response = ResponseOf<"listAppInstanceUserEndpoints">;

/**
 * Decides a page of the user's endpoints. `rowsAfter` gives the user's rows after an id ("": all of them) in the order of
 * their ids, and no more of them are read than the page needs.
 *
 * A page goes on after an id, and ids never change their order: whatever comes and goes between two pages, an endpoint
 * that was there all the time is listed once. The endpoint that a page goes on after may be gone by then, and
 * its row too.
 */
export function decideList(
  rowsAfter: (endpointId: string) => Iterable<Row>,
  { appInstanceUserArn, maxResults = PAGE_ENDPOINTS_MAX, nextToken }: Request,
  userKey: string,
): Decision<Response> {
  const after = nextToken === "" ? "" : positionOf(nextToken, userKey);
  if (after === undefined) {
    return { answer: { kind: "invalid", reason: "NEXT_TOKEN_INVALID" } };
  }
  // One more than the page holds says whether another page follows.
  const found = firstLive(rowsAfter(after), maxResults + 1);
  const page = found.slice(0, maxResults);
  const last = page.at(-1);
  return {
    answer: {
      kind: "ok",
      response: {
        appInstanceUserEndpoints: page.map((endpoint) => summarize(endpoint, appInstanceUserArn)),
        nextToken: last !== undefined && found.length > page.length ? pageToken(last.endpointId, userKey) : "",
      },
    },
  };
}

function firstLive(rows: Iterable<Row>, count: number): Endpoint[] {
  const live: Endpoint[] = [];
  for (const row of rows) {
    if (row.state === "live" && live.push(row) === count) {
      break;
    }
  }
  return live;
}
