import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AllowMessages,
  AppInstanceUserEndpointType,
  EndpointStatus,
  EndpointStatusReason,
} from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { decideList } from "../../../src/worker/core/list.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { PAGE_ENDPOINTS_MAX } from "../../../src/worker/model/limits.ts";
import { listing, USER_ARN } from "../../support/requests.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const KEY = "alice's";

/** As an object's storage gives them. */
const rowsAfter = (rows: readonly Row[]) => (after: string) => rows.filter(({ endpointId }) => endpointId > after);

/** The ids on a page, and the token of the next. */
function list(rows: readonly Row[], request: { maxResults?: number; nextToken?: string } = {}) {
  const { answer } = decideList(rowsAfter(rows), listing(request), KEY);
  if (answer.kind !== "ok") {
    throw new Error(`refused: ${answer.kind}`);
  }
  const { appInstanceUserEndpoints, nextToken } = answer.response;
  return { ids: appInstanceUserEndpoints.map(({ endpointId }) => endpointId), nextToken: nextToken || undefined };
}

function endpoints(count: number): Row[] {
  return Array.from({ length: count }, (_, n) => endpoint(n));
}

describe("decideList", () => {
  it("answers what a list has, in the order of registration, without tombstones", () => {
    const rows = [endpoint(1, { name: "", type: "APNS", allowMessages: "NONE" }), tombstone(2, NOW), endpoint(3)];
    expect(decideList(rowsAfter(rows), listing(), KEY)).toEqual({
      answer: {
        kind: "ok",
        response: {
          appInstanceUserEndpoints: [
            {
              appInstanceUserArn: USER_ARN,
              endpointId: idOf(1),
              name: "",
              type: AppInstanceUserEndpointType.APNS,
              allowMessages: AllowMessages.NONE,
              endpointState: { status: EndpointStatus.ACTIVE, statusReason: EndpointStatusReason.UNSPECIFIED },
            },
            {
              appInstanceUserArn: USER_ARN,
              endpointId: idOf(3),
              type: AppInstanceUserEndpointType.GCM,
              allowMessages: AllowMessages.ALL,
              endpointState: { status: EndpointStatus.ACTIVE, statusReason: EndpointStatusReason.UNSPECIFIED },
            },
          ],
          nextToken: "",
        },
      },
    });
  });

  it("lists nothing of a user who has nothing", () => {
    expect(list([])).toEqual({ ids: [], nextToken: undefined });
  });

  it("answers as many as a page holds when not told how many", () => {
    expect(list(endpoints(PAGE_ENDPOINTS_MAX)).nextToken).toBeUndefined();
    const { ids, nextToken } = list(endpoints(PAGE_ENDPOINTS_MAX + 1));
    expect(ids).toHaveLength(PAGE_ENDPOINTS_MAX);
    expect(nextToken).toBeDefined();
  });

  it("goes on after an endpoint that is deregistered, or purged, since", () => {
    const { nextToken = "" } = list([endpoint(1), endpoint(2), endpoint(3)], { maxResults: 2 });
    expect(list([endpoint(1), tombstone(2, NOW), endpoint(3)], { nextToken }).ids).toEqual([idOf(3)]);
    expect(list([endpoint(3)], { nextToken }).ids).toEqual([idOf(3)]);
    expect(list([], { nextToken })).toEqual({ ids: [], nextToken: undefined });
  });

  it("refuses a token that it has not issued for the user", () => {
    const { nextToken = "" } = list([endpoint(1), endpoint(2)], { maxResults: 1 });
    expect(decideList(rowsAfter(endpoints(3)), listing({ nextToken }), "bob's")).toEqual({
      answer: { kind: "invalid", reason: "NEXT_TOKEN_INVALID" },
    });
  });

  it("lists once, in order, what was there all the time, whatever comes and goes between pages", () => {
    const life = fc.record({ comesAt: fc.nat(4), stays: fc.nat(8), isPurged: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(life, { maxLength: 30 }), (maxResults, someLives) => {
        const lives = someLives.toSorted((a, b) => a.comesAt - b.comesAt);
        const rowsAt = (page: number) =>
          lives.flatMap(({ comesAt, stays, isPurged }, n) => {
            const isThere = page < comesAt + stays;
            return page < comesAt || (!isThere && isPurged) ? [] : isThere ? endpoint(n) : tombstone(n, NOW);
          });
        const listed: string[] = [];
        let page = 0;
        for (let token: string | undefined; page === 0 || token !== undefined; page++) {
          const { ids, nextToken } = list(rowsAt(page), {
            maxResults,
            ...(token !== undefined && { nextToken: token }),
          });
          listed.push(...ids);
          token = nextToken;
        }
        const stayed = lives.flatMap(({ comesAt, stays }, n) => (comesAt === 0 && stays >= page ? idOf(n) : []));
        expect(listed).toEqual([...new Set(listed)].toSorted());
        expect(listed).toEqual(expect.arrayContaining(stayed));
      }),
    );
  });
});
