import { evictDurableObject } from "cloudflare:test";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it, describe as suite } from "vitest";
import {
  AllowMessages,
  AppInstanceUserEndpointType,
  EndpointStatus,
  EndpointStatusReason,
} from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { asked, deregistering, describing, RESOURCE_ARN, USER_ARN } from "../../support/requests.ts";
import { freshUser, registerDevice, stored, writesOf } from "../../support/user-object.ts";

suite("describeAppInstanceUserEndpoint", () => {
  it("answers what was registered, also after the object was evicted, and writes nothing", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1, { name: "phone", allowMessages: "NONE" });
    const [row] = (await stored(user)).rows;
    const described = {
      kind: "ok",
      response: {
        appInstanceUserEndpoint: {
          appInstanceUserArn: USER_ARN,
          endpointId,
          name: "phone",
          type: AppInstanceUserEndpointType.GCM,
          resourceArn: RESOURCE_ARN,
          endpointAttributes: asked().endpointAttributes,
          createdTimestamp: timestampFromMs(row?.state === "live" ? row.createdAt : 0),
          lastUpdatedTimestamp: timestampFromMs(row?.state === "live" ? row.lastUpdatedAt : 0),
          deviceTokenTimestamp: timestampFromMs(row?.state === "live" ? row.createdAt : 0),
          allowMessages: AllowMessages.NONE,
          endpointState: { status: EndpointStatus.ACTIVE, statusReason: EndpointStatusReason.UNSPECIFIED },
        },
      },
    };

    expect(await user.describeAppInstanceUserEndpoint(describing(endpointId))).toEqual(described);
    expect(await writesOf(user, () => user.describeAppInstanceUserEndpoint(describing(endpointId)))).toBe(0);
    await evictDurableObject(user);
    expect(await user.describeAppInstanceUserEndpoint(describing(endpointId))).toEqual(described);
  });

  it("finds nothing of another user, of one who is unknown, and of what was deregistered", async () => {
    const [user, other] = [freshUser(), freshUser()];
    const endpointId = await registerDevice(user, 1);
    const notFound = { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" };

    expect(await other.describeAppInstanceUserEndpoint(describing(endpointId))).toEqual(notFound);
    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));
    expect(await user.describeAppInstanceUserEndpoint(describing(endpointId))).toEqual(notFound);
  });
});
