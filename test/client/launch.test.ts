import { describe, expect, it } from "vitest";
import {
  AppInstanceUserEndpointType,
  type Device,
  type LaunchClient,
  type RegisteredDevice,
  RollcallError,
  type RollcallFailure,
  registerAtLaunch,
} from "../../src/client/index.ts";

const DEVICE: Device = {
  appInstanceUserArn: "alice",
  resourceArn: "app",
  type: AppInstanceUserEndpointType.APNS,
  endpointAttributes: { deviceToken: "token-1" },
  name: "phone",
};

const REMEMBERED: RegisteredDevice = {
  ...{ appInstanceUserArn: "alice", resourceArn: "app", type: AppInstanceUserEndpointType.APNS },
  endpointAttributes: { deviceToken: "token-1" },
  endpointId: "e-1",
};

const NOT_FOUND: RollcallFailure = { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" };
const inTheWay = (endpointId: string, reason = "DEVICE_ALREADY_REGISTERED"): RollcallFailure => {
  return { kind: "conflict", reason, endpointId };
};

/** Answers calls in turn: "ok", or what they are refused with. A new endpoint is "e-new". */
function serverThat(...script: ("ok" | RollcallFailure)[]) {
  const calls: unknown[][] = [];
  const answer = async (name: string, request: object, endpointId: string) => {
    calls.push([name, request]);
    const told = script[calls.length - 1] ?? expect.fail(`${name} is one call too many`);
    if (told !== "ok") {
      throw new RollcallError("no", told);
    }
    return { endpointId };
  };
  const rollcall = {
    registerAppInstanceUserEndpoint: (request: object) => answer("register", request, "e-new"),
    updateAppInstanceUserEndpoint: (request: { endpointId: string }) => answer("update", request, request.endpointId),
    deregisterAppInstanceUserEndpoint: (request: { endpointId: string }) => answer("deregister", request, ""),
  };
  return { calls, rollcall: rollcall as unknown as LaunchClient };
}

const rotated = { ...DEVICE, endpointAttributes: { deviceToken: "token-2" } };
const register = ["register", DEVICE];
const update = (endpointId: string, deviceToken = "token-1") => {
  return ["update", { appInstanceUserArn: "alice", endpointId, endpointAttributes: { deviceToken } }];
};
const deregister = (endpointId: string) => ["deregister", { appInstanceUserArn: "alice", endpointId }];

describe("a launch", () => {
  it("of an app that remembers nothing registers the device", async () => {
    const { calls, rollcall } = serverThat("ok");
    const { name, ...device } = DEVICE;
    const launch = { outcome: "registered", device: { ...device, endpointId: "e-new" } };
    expect(await registerAtLaunch(rollcall, DEVICE)).toEqual(launch);
    expect(calls).toEqual([register]);
  });

  it("of an app that remembers nothing of a registered device confirms its token there", async () => {
    const { calls, rollcall } = serverThat(inTheWay("e-7"), "ok");
    const launch = await registerAtLaunch(rollcall, DEVICE);
    expect(launch).toMatchObject({ outcome: "already-registered", device: { endpointId: "e-7" } });
    expect(calls).toEqual([register, update("e-7")]);
  });

  it("with the token of last time confirms it, and changes no name", async () => {
    const { calls, rollcall } = serverThat("ok");
    expect(await registerAtLaunch(rollcall, DEVICE, REMEMBERED)).toEqual({ outcome: "confirmed", device: REMEMBERED });
    expect(calls).toEqual([update("e-1")]);
  });

  it("with another token rotates it in place", async () => {
    const { calls, rollcall } = serverThat("ok");
    const launch = await registerAtLaunch(rollcall, rotated, REMEMBERED);
    expect(launch).toEqual({
      outcome: "rotated",
      device: { ...REMEMBERED, endpointAttributes: { deviceToken: "token-2" } },
    });
    expect(calls).toEqual([update("e-1", "token-2")]);
  });

  it.each([
    ["has one now", undefined, "voip-1", "rotated"],
    ["has another now", "voip-1", "voip-2", "rotated"],
    ["has the same", "voip-1", "voip-1", "confirmed"],
    ["has none to tell of, and keeps the one that it has", "voip-1", undefined, "confirmed"],
  ])("of a device that %s for VoIP", async (_, before, now, outcome) => {
    const attributes = (voipDeviceToken: string | undefined) => {
      return { deviceToken: "token-1", ...(voipDeviceToken !== undefined && { voipDeviceToken }) };
    };
    const remembered = { ...REMEMBERED, endpointAttributes: attributes(before) };
    const device = { ...DEVICE, endpointAttributes: attributes(now) };
    const launch = await registerAtLaunch(serverThat("ok").rollcall, device, remembered);
    expect(launch.outcome).toBe(outcome);
  });

  it("whose endpoint is gone registers anew", async () => {
    const { calls, rollcall } = serverThat(NOT_FOUND, "ok", "ok");
    const launch = await registerAtLaunch(rollcall, DEVICE, REMEMBERED);
    expect(launch).toMatchObject({ outcome: "registered", device: { endpointId: "e-new" } });
    expect(calls.slice(0, 2)).toEqual([update("e-1"), register]);
  });

  it("whose token another of the user's endpoints has goes on with that, and leaves none that wakes it twice", async () => {
    const { calls, rollcall } = serverThat(inTheWay("e-7"), "ok", "ok");
    const launch = await registerAtLaunch(rollcall, rotated, REMEMBERED);
    expect(launch).toMatchObject({ outcome: "already-registered", device: { endpointId: "e-7" } });
    expect(calls).toEqual([update("e-1", "token-2"), update("e-7", "token-2"), deregister("e-1")]);
  });

  it("of a build for the other environment is another endpoint, and the former one goes", async () => {
    const { calls, rollcall } = serverThat("ok", "ok");
    const device = { ...rotated, type: AppInstanceUserEndpointType.APNS_SANDBOX };
    const launch = await registerAtLaunch(rollcall, device, REMEMBERED);
    expect(launch).toMatchObject({ outcome: "registered", device: { endpointId: "e-new", type: 2 } });
    expect(calls).toEqual([["register", device], deregister("e-1")]);
  });

  it("of another user passes over what is remembered, and leaves the former user's endpoint alone", async () => {
    const { calls, rollcall } = serverThat("ok");
    const device = { ...DEVICE, appInstanceUserArn: "bob" };
    expect(await registerAtLaunch(rollcall, device, REMEMBERED)).toMatchObject({
      outcome: "registered",
      device: { appInstanceUserArn: "bob", endpointId: "e-new" },
    });
    expect(calls).toEqual([["register", device]]);
  });

  it("whose endpoint is deregistered again and again comes to an end", async () => {
    const { calls, rollcall } = serverThat(inTheWay("e-7"), NOT_FOUND, inTheWay("e-8"), NOT_FOUND);
    await expect(registerAtLaunch(rollcall, DEVICE)).rejects.toMatchObject({ failure: NOT_FOUND });
    expect(calls).toHaveLength(4);
  });

  it.each<RollcallFailure>([
    inTheWay("e-1", "ENDPOINT_DEREGISTERED"),
    inTheWay("e-1", "REQUEST_TOKEN_REUSED"),
    { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: 10 },
    { kind: "forbidden", reason: "NOT_AUTHORIZED", action: "chime:RegisterAppInstanceUserEndpoint" },
    { kind: "network" },
  ])("fails with what it can't mend, and does nothing more: $kind $reason", async (failure) => {
    for (const remembered of [undefined, REMEMBERED]) {
      const { calls, rollcall } = serverThat(failure);
      await expect(registerAtLaunch(rollcall, DEVICE, remembered)).rejects.toMatchObject({ failure });
      expect(calls).toHaveLength(1);
    }
  });

  it("gives each of its calls what it is called with", async () => {
    const options = { signal: new AbortController().signal, timeoutMs: 5_000 };
    const given: unknown[] = [];
    const { rollcall } = serverThat(inTheWay("e-7"), "ok", "ok");
    const watched = new Proxy(rollcall, {
      get: (target, name: keyof LaunchClient) => (request: never, options: unknown) => {
        given.push(options);
        return target[name](request);
      },
    });
    await registerAtLaunch(watched, rotated, REMEMBERED, options);
    expect(given).toEqual([options, options, options]);
  });
});
