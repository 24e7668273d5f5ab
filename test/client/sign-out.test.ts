import { describe, expect, it } from "vitest";
import {
  AppInstanceUserEndpointType,
  type Device,
  deregisterAtSignOut,
  type RegisteredDevice,
  RollcallError,
  type RollcallFailure,
  type SignOutClient,
} from "../../src/client/index.ts";

const { APNS, GCM } = AppInstanceUserEndpointType;

const DEVICE: Device = {
  appInstanceUserArn: "alice",
  resourceArn: "app",
  type: APNS,
  endpointAttributes: { deviceToken: "token-1" },
};

const REMEMBERED: RegisteredDevice = { ...DEVICE, endpointId: "e-1" };

interface Listed {
  readonly type: AppInstanceUserEndpointType;
  /** Whose it is; absent: it is gone by the time that it is asked for. */
  readonly resourceArn?: string;
  readonly deviceToken?: string;
}

/** Has these endpoints, by their ids, and fails the calls of some operation. */
function serverWith(endpoints: Record<string, Listed>, failing: { name?: string; failure?: RollcallFailure } = {}) {
  const calls: string[] = [];
  const call = (name: string, request: { appInstanceUserArn?: string; endpointId?: string }, options: unknown) => {
    expect(request.appInstanceUserArn).toBe("alice");
    expect(options).toBe(OPTIONS);
    calls.push([name, request.endpointId].filter(Boolean).join(" "));
    if (failing.name === name) {
      throw new RollcallError("no", failing.failure ?? { kind: "network" });
    }
  };
  const rollcall = {
    async *listAllAppInstanceUserEndpoints(request: object, options: unknown) {
      call("list", request, options);
      for (const [endpointId, { type }] of Object.entries(endpoints)) {
        yield { endpointId, type };
      }
    },
    async describeAppInstanceUserEndpoint(request: { endpointId: string }, options: unknown) {
      call("describe", request, options);
      const { resourceArn, deviceToken } = endpoints[request.endpointId] ?? {};
      if (resourceArn === undefined) {
        throw new RollcallError("gone", { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" });
      }
      return { appInstanceUserEndpoint: { resourceArn, endpointAttributes: { deviceToken } } };
    },
    async deregisterAppInstanceUserEndpoint(request: object, options: unknown) {
      call("deregister", request, options);
      return {};
    },
  };
  return { calls, rollcall: rollcall as unknown as SignOutClient };
}

const OPTIONS = { timeoutMs: 5_000 };

const signOut = (rollcall: SignOutClient, remembered?: RegisteredDevice) =>
  deregisterAtSignOut(rollcall, DEVICE, remembered, OPTIONS);

const OTHERS = {
  "e-tablet": { type: APNS, resourceArn: "app", deviceToken: "token-of-tablet" },
  "e-android": { type: GCM, resourceArn: "app", deviceToken: "token-1" },
  "e-other-app": { type: APNS, resourceArn: "other", deviceToken: "token-1" },
};

describe("a sign-out", () => {
  it("deregisters the remembered endpoint first, whatever its token is by now", async () => {
    const { calls, rollcall } = serverWith({});
    await signOut(rollcall, REMEMBERED);
    expect(calls).toEqual(["deregister e-1", "list"]);
  });

  it("finds by its token the one that a canceled launch may have made, and leaves the user's other devices alone", async () => {
    const { calls, rollcall } = serverWith({
      ...OTHERS,
      "e-7": { type: APNS, resourceArn: "app", deviceToken: "token-1" },
    });
    await signOut(rollcall);
    expect(calls).toEqual(["list", "describe e-tablet", "describe e-other-app", "describe e-7", "deregister e-7"]);
  });

  it("takes APNs' tokens for the same in either case, as the server does, and no others", async () => {
    const tokenOf = (type: AppInstanceUserEndpointType, deviceToken: string) => ({
      type,
      resourceArn: "app",
      deviceToken,
    });
    for (const [type, stored, found] of [
      [APNS, "ABCD", true],
      [APNS, "abce", false],
      [GCM, "ABCD", false],
    ] as const) {
      const { calls, rollcall } = serverWith({ "e-7": tokenOf(type, stored) });
      await deregisterAtSignOut(
        rollcall,
        { ...DEVICE, type, endpointAttributes: { deviceToken: "abcd" } },
        undefined,
        OPTIONS,
      );
      expect(calls.includes("deregister e-7"), stored).toBe(found);
    }
  });

  it("of another user passes over what is remembered", async () => {
    const { calls, rollcall } = serverWith(OTHERS);
    await signOut(rollcall, { ...REMEMBERED, appInstanceUserArn: "bob" });
    expect(calls).toEqual(["list", "describe e-tablet", "describe e-other-app"]);
  });

  it("goes on where an endpoint is gone before it can be described", async () => {
    const { calls, rollcall } = serverWith({
      "e-gone": { type: APNS },
      "e-7": { type: APNS, resourceArn: "app", deviceToken: "token-1" },
    });
    await signOut(rollcall);
    expect(calls).toEqual(["list", "describe e-gone", "describe e-7", "deregister e-7"]);
  });

  it.each(["deregister", "list", "describe"])(
    "fails where nothing answers its %s: the device may still be registered",
    async (name) => {
      const { rollcall } = serverWith(OTHERS, { name });
      await expect(signOut(rollcall, REMEMBERED)).rejects.toMatchObject({ failure: { kind: "network" } });
    },
  );
});
