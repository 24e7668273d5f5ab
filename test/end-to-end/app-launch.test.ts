import { describe, expect, it } from "vitest";
import { type Kept, PushRegistration } from "../../examples/app-launch/push-registration.ts";
import {
  AppInstanceUserEndpointType,
  createRollcallClient,
  type Device,
  type RegisteredDevice,
} from "../../src/client/index.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const server = serveOnWorkerd();

function app() {
  let device: RegisteredDevice | undefined;
  const kept: Kept = {
    load: async () => device,
    save: async (saved) => {
      device = saved;
    },
  };
  return new PushRegistration(kept);
}

/** A client whose first call reaches the server, and is not answered. */
function clientOf({ isSilent = false } = {}) {
  let calls = 0;
  const fetchOrHang: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (isSilent && calls++ === 0) {
      return new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
    }
    return response;
  };
  return createRollcallClient({ baseUrl: server.url, credentials: LOCAL_CREDENTIALS, fetch: fetchOrHang });
}

function freshDevice(deviceToken: string, appInstanceUserArn = freshUserArn()): Device {
  const { GCM: type } = AppInstanceUserEndpointType;
  return { appInstanceUserArn, resourceArn: RESOURCE_ARN, type, endpointAttributes: { deviceToken } };
}

async function tokensOf({ appInstanceUserArn }: Device): Promise<(string | undefined)[]> {
  const rollcall = clientOf();
  const tokens: (string | undefined)[] = [];
  for await (const { endpointId } of rollcall.listAllAppInstanceUserEndpoints({ appInstanceUserArn })) {
    const described = await rollcall.describeAppInstanceUserEndpoint({ appInstanceUserArn, endpointId });
    tokens.push(described.appInstanceUserEndpoint?.endpointAttributes?.deviceToken);
  }
  return tokens;
}

describe("an app that registers as the example does", () => {
  it("calls off a launch on its way when its user signs out, and leaves nothing of it", async () => {
    const device = freshDevice("token-1");
    const registration = app();
    const launch = registration.launch(clientOf({ isSilent: true }), device);
    await expect.poll(() => tokensOf(device)).toEqual(["token-1"]);
    await registration.signOut(clientOf(), device);
    expect(await launch).toBe("called off");
    expect(await tokensOf(device)).toEqual([]);
  });

  it("has one endpoint, with the last token, of two launches at the same time", async () => {
    const device = freshDevice("token-1");
    const registration = app();
    const rotated = freshDevice("token-2", device.appInstanceUserArn);
    await registration.launch(clientOf(), device);
    const outcomes = [registration.launch(clientOf(), device), registration.launch(clientOf(), rotated)];
    expect(await Promise.all(outcomes)).toEqual(["called off", "rotated"]);
    expect(await tokensOf(device)).toEqual(["token-2"]);
  });

  it("signs its user out to the end, whoever signs in meanwhile", async () => {
    const device = freshDevice("token-1");
    const another = freshDevice("token-1");
    const registration = app();
    await registration.launch(clientOf(), device);
    const both = [registration.signOut(clientOf(), device), registration.launch(clientOf(), another)];
    expect(await Promise.all(both)).toEqual([undefined, "registered"]);
    expect(await tokensOf(device)).toEqual([]);
    expect(await tokensOf(another)).toEqual(["token-1"]);
  });
});
