import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  AllowMessages,
  AppInstanceUserEndpointSummarySchema,
  EndpointStatus,
} from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { leftOutFor, whyInactive } from "../../../src/pages/console/left-out.ts";

const PHONE = { endpointId: "phone" };

function endpoint(status: EndpointStatus = EndpointStatus.ACTIVE, allowMessages: AllowMessages = AllowMessages.ALL) {
  return create(AppInstanceUserEndpointSummarySchema, {
    ...PHONE,
    allowMessages,
    endpointState: { status },
  });
}

describe("why a sender does not get an endpoint", () => {
  it("is nothing where the sender does", () => {
    expect(leftOutFor(endpoint(), { deliverable: [PHONE], answered: [PHONE] })).toEqual([]);
  });

  it("is every reason that a list tells", () => {
    const dead = endpoint(EndpointStatus.INACTIVE, AllowMessages.NONE);
    expect(leftOutFor(dead, { deliverable: [], answered: [] })).toEqual(["inactive", "muted"]);
  });

  it("is its application where that alone makes the difference", () => {
    expect(leftOutFor(endpoint(), { deliverable: [PHONE], answered: [] })).toEqual(["of another application"]);
  });

  it("is that it is stale where nothing else is in the way", () => {
    expect(leftOutFor(endpoint(), { deliverable: [], answered: [] })).toEqual(["stale"]);
  });
});

describe("why an endpoint is INACTIVE", () => {
  it("is a dead token, and another user too where a device has one user at a time", () => {
    expect(whyInactive({ moves: false })).toBe("its push service refused the token");
    expect(whyInactive({ moves: true })).toBe("its push service refused the token, or another user has the device now");
  });
});
