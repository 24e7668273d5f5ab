import { describe, expect, it } from "vitest";
import {
  AppInstanceUserEndpointType,
  createRollcallClient,
  type Device,
  deregisterAtSignOut,
  EndpointStatus,
  type RegisteredDevice,
  type RollcallClient,
  registerAtLaunch,
} from "../../src/client/index.ts";
import { type Destination, reportFailures, resolveEndpoints } from "../../src/client/senders.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const refusing = serveOnWorkerd();
const adopting = serveOnWorkerd({ LOCAL_MODE: "true", SAME_DEVICE: "adopt" });
const moving = serveOnWorkerd({ LOCAL_MODE: "true", SAME_DEVICE: "adopt", DEVICES: "move" });

function clientOf({ url }: { url: string }, fetch?: typeof globalThis.fetch): RollcallClient {
  return createRollcallClient({ baseUrl: url, credentials: LOCAL_CREDENTIALS, fetch });
}

function freshDevice(changes: Partial<Device> = {}): Device {
  return {
    appInstanceUserArn: freshUserArn(),
    resourceArn: RESOURCE_ARN,
    type: AppInstanceUserEndpointType.GCM,
    endpointAttributes: { deviceToken: "token-1" },
    name: "phone",
    ...changes,
  };
}

const withToken = (device: Device, deviceToken: string) => ({ ...device, endpointAttributes: { deviceToken } });

/** What a sender would send to. */
async function resolved(rollcall: RollcallClient, { appInstanceUserArn }: Device): Promise<readonly Destination[]> {
  for await (const resolution of resolveEndpoints(rollcall, [appInstanceUserArn])) {
    return resolution.kind === "resolved" ? resolution.endpoints : expect.fail(resolution.error.errorMessage);
  }
  return expect.fail("nothing is told");
}

/** Whom the Directory names for a device. */
async function holdersOf(
  rollcall: RollcallClient,
  { type, resourceArn, endpointAttributes, appInstanceUserArn }: Device,
) {
  const [appInstanceArn = ""] = appInstanceUserArn.split("/user/");
  const { deviceToken } = endpointAttributes;
  const { endpoints } = await rollcall.lookupAppInstanceUserEndpoints({
    appInstanceArn,
    type,
    resourceArn,
    deviceToken,
  });
  return endpoints.map((endpoint) => endpoint.appInstanceUserArn);
}

async function endpointsOf(rollcall: RollcallClient, { appInstanceUserArn }: Device) {
  return (await rollcall.listAppInstanceUserEndpoints({ appInstanceUserArn })).appInstanceUserEndpoints;
}

async function die(rollcall: RollcallClient, device: Device): Promise<void> {
  const [sentTo] = await resolved(rollcall, device);
  const push = { sentTo: sentTo ?? expect.fail("none"), sentAt: new Date(), answer: { reason: "Unregistered" } };
  for await (const report of reportFailures(rollcall, [push])) {
    expect(report).toMatchObject({ kind: "reported", endpointState: { status: EndpointStatus.INACTIVE } });
  }
}

describe("a sign-out that comes after another user has signed in", () => {
  it.each([
    ["remembers its endpoint", true],
    ["remembers nothing", false],
  ])("leaves the device to them, where the app %s", async (_, remembers) => {
    const rollcall = clientOf(moving);
    const alices = freshDevice({ endpointAttributes: { deviceToken: crypto.randomUUID() } });
    const bobs = { ...alices, appInstanceUserArn: freshUserArn() };
    const { device } = await registerAtLaunch(rollcall, alices);
    await registerAtLaunch(rollcall, bobs);
    await deregisterAtSignOut(rollcall, alices, remembers ? device : undefined);
    expect(await endpointsOf(rollcall, alices)).toEqual([]);
    expect(await resolved(rollcall, bobs)).toMatchObject([bobs.endpointAttributes]);
    expect(await holdersOf(rollcall, alices)).toEqual([bobs.appInstanceUserArn]);
  });
});

describe.each([
  ["refuses a registered device", refusing, "already-registered"],
  ["adopts a registered device", adopting, "registered"],
])("launches at a server that %s", (_, server, outcomeWithoutMemory) => {
  it("leave one endpoint, whatever the app remembers, and the token of now is what is sent to", async () => {
    const rollcall = clientOf(server);
    const device = freshDevice();
    const first = await registerAtLaunch(rollcall, device);
    expect(first.outcome).toBe("registered");
    const { endpointId } = first.device;

    const forgetful = await registerAtLaunch(rollcall, device);
    expect(forgetful).toEqual({ outcome: outcomeWithoutMemory, device: first.device });
    // As it is kept between launches.
    const kept: RegisteredDevice = JSON.parse(JSON.stringify(forgetful.device));
    expect(await registerAtLaunch(rollcall, device, kept)).toEqual({ outcome: "confirmed", device: first.device });

    const launch = await registerAtLaunch(rollcall, withToken(device, "token-2"), kept);
    expect(launch.outcome).toBe("rotated");
    expect(await resolved(rollcall, device)).toMatchObject([{ endpointId, deviceToken: "token-2" }]);

    await rollcall.updateAppInstanceUserEndpoint({ ...launch.device, endpointAttributes: undefined, name: "renamed" });
    await registerAtLaunch(rollcall, withToken(device, "token-2"), launch.device);
    expect((await endpointsOf(rollcall, device)).map(({ name }) => name)).toEqual(["renamed"]);
  });

  it("heal an endpoint that was reported dead, remembered or not", async () => {
    const rollcall = clientOf(server);
    const device = freshDevice();
    const { device: remembered } = await registerAtLaunch(rollcall, device);
    for (const [memory, outcome] of [
      [remembered, "confirmed"],
      [undefined, "registered"],
    ] as const) {
      await die(rollcall, device);
      expect(await resolved(rollcall, device)).toEqual([]);
      expect(await registerAtLaunch(rollcall, device, memory)).toEqual({ outcome, device: remembered });
      expect(await resolved(rollcall, device)).toMatchObject([{ endpointId: remembered.endpointId }]);
    }
  });

  it("are undone by a sign-out, which leaves the user's other devices alone", async () => {
    const rollcall = clientOf(server);
    const device = freshDevice();
    const { device: other } = await registerAtLaunch(rollcall, withToken(device, "token-of-another"));
    const { device: remembered } = await registerAtLaunch(rollcall, device);
    await deregisterAtSignOut(rollcall, device, remembered);
    expect(await resolved(rollcall, device)).toMatchObject([{ endpointId: other.endpointId }]);
  });

  it("register anew where the endpoint was deregistered", async () => {
    const rollcall = clientOf(server);
    const device = freshDevice();
    const { device: remembered } = await registerAtLaunch(rollcall, device);
    await rollcall.deregisterAppInstanceUserEndpoint(remembered);
    const launch = await registerAtLaunch(rollcall, device, remembered);
    expect(launch.outcome).toBe("registered");
    expect(launch.device.endpointId).not.toBe(remembered.endpointId);
    expect(await endpointsOf(rollcall, device)).toHaveLength(1);
  });

  it("of a build for Apple's other environment leave the endpoint of that alone", async () => {
    const rollcall = clientOf(server);
    const built = freshDevice({ type: AppInstanceUserEndpointType.APNS_SANDBOX });
    const { device: remembered } = await registerAtLaunch(rollcall, built);
    const released = { ...withToken(built, "token-2"), type: AppInstanceUserEndpointType.APNS };
    expect((await registerAtLaunch(rollcall, released, remembered)).outcome).toBe("registered");
    expect(await resolved(rollcall, built)).toMatchObject([{ type: 1, deviceToken: "token-2" }]);
  });

  it("that came to two endpoints, by an app that forgot and then remembered, leave one", async () => {
    const rollcall = clientOf(server);
    const device = freshDevice();
    const { device: older } = await registerAtLaunch(rollcall, device);
    const { device: newer } = await registerAtLaunch(rollcall, withToken(device, "token-2"));
    expect(await endpointsOf(rollcall, device)).toHaveLength(2);
    const launch = await registerAtLaunch(rollcall, withToken(device, "token-2"), older);
    expect(launch).toEqual({ outcome: "already-registered", device: newer });
    expect(await resolved(rollcall, device)).toMatchObject([{ endpointId: newer.endpointId }]);
  });

  it("many at a time leave one endpoint", async () => {
    const rollcall = clientOf(server);
    const device = freshDevice();
    const launches = await Promise.all(Array.from({ length: 20 }, () => registerAtLaunch(rollcall, device)));
    expect(new Set(launches.map(({ device }) => device.endpointId)).size).toBe(1);
    expect(await endpointsOf(rollcall, device)).toHaveLength(1);
  });

  it("whose answer was lost, and that is not repeated, leave nothing that a sign-out does not find", async () => {
    const losing: typeof fetch = async (input, init) => {
      await fetch(input, init);
      throw new TypeError("fetch failed");
    };
    const device = freshDevice();
    const cut = createRollcallClient({
      ...{ baseUrl: server.url, credentials: LOCAL_CREDENTIALS, maxAttempts: 1, fetch: losing },
    });
    await expect(registerAtLaunch(cut, device)).rejects.toMatchObject({ failure: { kind: "network" } });
    const rollcall = clientOf(server);
    expect(await endpointsOf(rollcall, device)).toHaveLength(1);
    await deregisterAtSignOut(rollcall, device);
    expect(await endpointsOf(rollcall, device)).toEqual([]);
  });

  it("that are canceled by a sign-out do not come back after it", async () => {
    const device = freshDevice();
    const signingOut = new AbortController();
    let attempts = 0;
    const losing: typeof fetch = async (input, init) => {
      await fetch(input, init);
      attempts++;
      signingOut.abort();
      throw new TypeError("fetch failed");
    };
    const launch = registerAtLaunch(clientOf(server, losing), device, undefined, { signal: signingOut.signal });
    await expect(launch).rejects.toMatchObject({ failure: { kind: "canceled" } });
    const rollcall = clientOf(server);
    await deregisterAtSignOut(rollcall, device);
    expect(await endpointsOf(rollcall, device)).toEqual([]);
    expect(attempts).toBe(1);
  });
});
