import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import {
  AllowMessages,
  AppInstanceUserEndpointType,
  EndpointStatus,
  EndpointStatusReason,
} from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { decideDescribe } from "../../../src/worker/core/describe.ts";
import { describing, RESOURCE_ARN, USER_ARN } from "../../support/requests.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

describe("decideDescribe", () => {
  it("tells everything that was registered, and changes nothing", () => {
    const row = endpoint(1, {
      type: "APNS",
      endpointAttributes: { deviceToken: " d\u00e9\ud83d\ude00", voipDeviceToken: "v" },
      name: "",
      allowMessages: "NONE",
    });
    expect(decideDescribe({ ...row, lastUpdatedAt: NOW + 1 }, describing(idOf(1)))).toEqual({
      answer: {
        kind: "ok",
        response: {
          appInstanceUserEndpoint: {
            appInstanceUserArn: USER_ARN,
            endpointId: idOf(1),
            name: "",
            type: AppInstanceUserEndpointType.APNS,
            resourceArn: RESOURCE_ARN,
            endpointAttributes: { deviceToken: " d\u00e9\ud83d\ude00", voipDeviceToken: "v" },
            createdTimestamp: timestampFromMs(NOW),
            lastUpdatedTimestamp: timestampFromMs(NOW + 1),
            deviceTokenTimestamp: timestampFromMs(NOW),
            allowMessages: AllowMessages.NONE,
            endpointState: { status: EndpointStatus.ACTIVE, statusReason: EndpointStatusReason.UNSPECIFIED },
          },
        },
      },
    });
  });

  it("leaves out what was not given", () => {
    const { answer } = decideDescribe(endpoint(1), describing(idOf(1)));
    const told = answer.kind === "ok" ? answer.response.appInstanceUserEndpoint : undefined;
    expect(told).not.toHaveProperty("name");
    expect(told?.endpointAttributes).toEqual({ deviceToken: "device-1" });
  });

  it.each([
    ["unknown", undefined],
    ["deregistered", tombstone(1, NOW)],
  ])("does not find an endpoint that is %s", (_, row) => {
    expect(decideDescribe(row, describing(idOf(1)))).toEqual({
      answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
    });
  });
});
