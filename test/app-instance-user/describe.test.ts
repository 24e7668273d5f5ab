import { evictDurableObject } from "cloudflare:test";
import { expect, it, describe as suite } from "vitest";
import { device, of, RESOURCE_ARN, USER_ARN } from "../support/requests.ts";
import { freshUser, registerDevice, stored, writesOf } from "../support/user-object.ts";

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
          type: "GCM",
          resourceArn: RESOURCE_ARN,
          endpointAttributes: device(1).endpointAttributes,
          createdTimestamp: row?.state === "live" && row.createdAt,
          lastUpdatedTimestamp: row?.state === "live" && row.lastUpdatedAt,
          allowMessages: "NONE",
          endpointState: { status: "ACTIVE" },
        },
      },
    };

    expect(await user.describeAppInstanceUserEndpoint(of(endpointId))).toEqual(described);
    expect(await writesOf(user, () => user.describeAppInstanceUserEndpoint(of(endpointId)))).toBe(0);
    await evictDurableObject(user);
    expect(await user.describeAppInstanceUserEndpoint(of(endpointId))).toEqual(described);
  });

  it("finds nothing of another user, of one who is unknown, and of what was deregistered", async () => {
    const [user, other] = [freshUser(), freshUser()];
    const endpointId = await registerDevice(user, 1);
    const notFound = { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" };

    expect(await other.describeAppInstanceUserEndpoint(of(endpointId))).toEqual(notFound);
    await user.deregisterAppInstanceUserEndpoint(of(endpointId));
    expect(await user.describeAppInstanceUserEndpoint(of(endpointId))).toEqual(notFound);
  });
});
