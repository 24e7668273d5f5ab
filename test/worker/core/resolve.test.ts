import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppInstanceUserEndpointType } from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { decideResolve } from "../../../src/worker/core/resolve.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { RESOURCE_ARN, resolving, USER_ARN } from "../../support/requests.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const DAY_MS = 86_400_000;
const NEVER = Number.POSITIVE_INFINITY;

/** The ids that are answered. */
function resolve(rows: readonly Row[], { now = NOW, staleAfterMs = NEVER, resourceArn = "" } = {}) {
  const { answer, put, drop, purgeAt } = decideResolve(rows, resolving(resourceArn === "" ? {} : { resourceArn }), {
    now,
    staleAfterMs,
  });
  expect({ put, drop, purgeAt }).toEqual({});
  return answer.kind === "ok" ? answer.response.users[0]?.endpoints.map(({ endpointId }) => endpointId) : answer;
}

describe("decideResolve", () => {
  it("answers all that a push takes, and nothing else, in the order of registration", () => {
    const apple = endpoint(1, {
      type: "APNS_SANDBOX",
      endpointAttributes: { deviceToken: " d\u00e9", voipDeviceToken: "v" },
      name: "phone",
    });
    const rows = [{ ...apple, deviceTokenAt: NOW + 5, suspectedAt: NOW + 6 }, endpoint(2)];
    expect(decideResolve(rows, resolving(), { now: NOW + 7, staleAfterMs: NEVER })).toEqual({
      answer: {
        kind: "ok",
        response: {
          users: [
            {
              appInstanceUserArn: USER_ARN,
              endpoints: [
                {
                  endpointId: idOf(1),
                  type: AppInstanceUserEndpointType.APNS_SANDBOX,
                  resourceArn: RESOURCE_ARN,
                  endpointAttributes: { deviceToken: " d\u00e9", voipDeviceToken: "v" },
                  deviceTokenTimestamp: timestampFromMs(NOW + 5),
                },
                {
                  endpointId: idOf(2),
                  type: AppInstanceUserEndpointType.GCM,
                  resourceArn: RESOURCE_ARN,
                  endpointAttributes: { deviceToken: "device-2" },
                  deviceTokenTimestamp: timestampFromMs(NOW),
                },
              ],
            },
          ],
          errors: [],
        },
      },
    });
  });

  it("answers an empty list of a user who is unknown", () => {
    expect(resolve([])).toEqual([]);
  });

  it.each([
    ["is INACTIVE", { ...endpoint(1), inactiveSince: NOW }],
    ["is muted", endpoint(1, { allowMessages: "NONE" })],
    ["was deregistered", tombstone(1, NOW)],
  ])("leaves out an endpoint that %s", (_, row) => {
    expect(resolve([row, endpoint(2)])).toEqual([idOf(2)]);
  });

  it("keeps to one app where it is told one", () => {
    const rows = [endpoint(1), endpoint(2, { resourceArn: `${RESOURCE_ARN}-2` })];
    expect(resolve(rows)).toEqual([idOf(1), idOf(2)]);
    expect(resolve(rows, { resourceArn: RESOURCE_ARN })).toEqual([idOf(1)]);
    expect(resolve(rows, { resourceArn: RESOURCE_ARN.toUpperCase() })).toEqual([]);
  });

  it("leaves out what is stale, by when its token was named last", () => {
    const staleAfterMs = 14 * DAY_MS;
    const rows = [endpoint(1), { ...endpoint(2), deviceTokenAt: NOW + DAY_MS }];
    expect(resolve(rows, { now: NOW + 14 * DAY_MS, staleAfterMs })).toEqual([idOf(1), idOf(2)]);
    expect(resolve(rows, { now: NOW + 14 * DAY_MS + 1, staleAfterMs })).toEqual([idOf(2)]);
    expect(resolve(rows, { now: NOW + 15 * DAY_MS + 1, staleAfterMs })).toEqual([]);
    expect(resolve(rows, { now: NOW + 4_000 * DAY_MS })).toEqual([idOf(1), idOf(2)]);
  });

  it("answers whatever is live, ACTIVE, not muted and fresh, and only that", () => {
    const row = fc.record({
      isGone: fc.boolean(),
      isInactive: fc.boolean(),
      isMuted: fc.boolean(),
      namedDaysAgo: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(row), fc.constantFrom(14, 20, Number.POSITIVE_INFINITY), (rows, staleDays) => {
        const made = rows.map(({ isGone, isInactive, isMuted, namedDaysAgo }, n) => {
          const live = {
            ...endpoint(n, { allowMessages: isMuted ? "NONE" : "ALL" }),
            deviceTokenAt: NOW - namedDaysAgo * DAY_MS,
            ...(isInactive && { inactiveSince: NOW }),
          };
          return isGone ? tombstone(n, NOW) : live;
        });
        const expected = rows.flatMap(({ isGone, isInactive, isMuted, namedDaysAgo }, n) =>
          isGone || isInactive || isMuted || namedDaysAgo > staleDays ? [] : [idOf(n)],
        );
        expect(resolve(made, { staleAfterMs: staleDays * DAY_MS })).toEqual(expected);
      }),
    );
  });
});
