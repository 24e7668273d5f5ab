import { describe, expect, it } from "vitest";
import { decideUpdate } from "../../../src/worker/core/update.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import type { RequestOf } from "../../../src/worker/model/user-rpcs.ts";
import { USER_ARN, updating } from "../../support/requests.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const LATER = NOW + 1_000;
const updated = { kind: "ok", response: { appInstanceUserArn: USER_ARN, endpointId: idOf(1) } };
/** Whatever needs no other row must not load them. */
function decide(row: Row | undefined, request: RequestOf<"updateAppInstanceUserEndpoint">, now: number) {
  return decideUpdate(row, request, now, () => expect.fail("all rows are loaded"));
}
const phone = endpoint(1, { name: "phone" });

describe("decideUpdate", () => {
  it.each([
    ["the name", { name: "renamed" }],
    ["the name, to an empty one", { name: "" }],
    ["whether messages may wake it", { allowMessages: "NONE" as const }],
    ["both", { name: "renamed", allowMessages: "NONE" as const }],
  ])("changes %s, leaves the rest, and says when", (_, changes) => {
    expect(decide(phone, updating(idOf(1), changes), LATER)).toEqual({
      answer: updated,
      put: [{ ...phone, ...changes, lastUpdatedAt: LATER }],
    });
  });

  it("names an endpoint that had no name", () => {
    const nameless = endpoint(1);
    expect(decide(nameless, updating(idOf(1), { name: "" }), LATER).put).toEqual([
      { ...nameless, name: "", lastUpdatedAt: LATER },
    ]);
  });

  it("never moves the time of the last update backwards", () => {
    expect(decide(phone, updating(idOf(1), { name: "renamed" }), NOW - 1).put).toMatchObject([{ lastUpdatedAt: NOW }]);
  });

  it.each([
    ["asks for nothing", {}],
    ["asks for what is there", { name: "phone", allowMessages: "ALL" as const }],
  ])("changes nothing, not even the time, when the request %s", (_, changes) => {
    expect(decide(phone, updating(idOf(1), changes), LATER)).toEqual({ answer: updated, put: [] });
  });

  it.each([
    ["unknown", undefined],
    ["deregistered", tombstone(1, NOW)],
  ])("does not find an endpoint that is %s", (_, row) => {
    expect(decide(row, updating(idOf(1), { name: "renamed" }), LATER)).toEqual({
      answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
    });
  });
});
