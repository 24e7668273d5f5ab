import type { CallOptions } from "@connectrpc/connect";
import type { RollcallClient } from "./client.ts";
import { RollcallError } from "./failure.ts";
import type { AppInstanceUserEndpointType } from "./gen/rollcall/v1/app_instance_user_endpoint_pb.ts";

/** The device that an app runs on, and who is signed in on it. */
export interface Device {
  readonly appInstanceUserArn: string;
  readonly resourceArn: string;
  readonly type: AppInstanceUserEndpointType;
  readonly endpointAttributes: { readonly deviceToken: string; readonly voipDeviceToken?: string };
  /** What a new endpoint is called. One that is there keeps its name. */
  readonly name?: string;
}

/**
 * What an app keeps until its next launch: plain data, for JSON, with the device's token in it. It belongs where no backup restores it
 * to another device: two that remember one endpoint would take it from each other at each launch.
 */
export interface RegisteredDevice extends Omit<Device, "name"> {
  readonly endpointId: string;
}

export interface Launch {
  /**
   * registered: there is a new endpoint, or an inactive one of this device is active again; or, where the server has SAME_DEVICE=adopt,
   * the one that was there.
   * already-registered: the user had an endpoint of this device that the app did not remember.
   * rotated: the remembered endpoint has another token now.
   * confirmed: the remembered endpoint has the token that it had.
   */
  readonly outcome: "registered" | "already-registered" | "rotated" | "confirmed";
  /** To be kept in the place of what was remembered. */
  readonly device: RegisteredDevice;
}

/** The operations that it takes, each of which the policy must allow. */
export type LaunchClient = Pick<
  RollcallClient,
  "registerAppInstanceUserEndpoint" | "updateAppInstanceUserEndpoint" | "deregisterAppInstanceUserEndpoint"
>;

/** Each call may find that another one is needed; more than these are, if others register and deregister the device all the while. */
const CALLS_MAX = 4;

/**
 * To be called at every launch, and when the push service gives another token: afterwards the register knows this device by its token
 * of now, and that it has it still. `remembered` is the `device` of the last launch, if the app has it; where another user has signed in
 * since, it is passed over.
 *
 * May be repeated after any failure. It fails with the conflict ENDPOINT_DEREGISTERED where the device was deregistered while it was
 * on its way, as by a sign-out: that stands then.
 */
export async function registerAtLaunch(
  rollcall: LaunchClient,
  device: Device,
  remembered?: RegisteredDevice,
  options?: CallOptions,
): Promise<Launch> {
  const { name, ...kept } = device;
  const own = remembered?.appInstanceUserArn === device.appInstanceUserArn ? remembered : undefined;
  // An update changes the tokens of an endpoint, and not its push service: a build for the other environment is another endpoint.
  const canUpdate = own?.type === device.type && own.resourceArn === device.resourceArn;
  const { endpointId, isNew } = await tellTokens(rollcall, device, canUpdate ? own.endpointId : undefined, options);
  const registered = { ...kept, endpointId };
  if (own?.endpointId === endpointId) {
    return { outcome: hasTokensOf(own, device) ? "confirmed" : "rotated", device: registered };
  }
  if (own !== undefined) {
    // It was this device too: left there, it would be woken twice.
    const { appInstanceUserArn, endpointId: former } = own;
    await rollcall.deregisterAppInstanceUserEndpoint({ appInstanceUserArn, endpointId: former }, options);
  }
  return { outcome: isNew ? "registered" : "already-registered", device: registered };
}

/** Has the register know the device's tokens, under an endpoint that it has, be it this one, or else under a new one. */
async function tellTokens(
  rollcall: LaunchClient,
  device: Device,
  remembered: string | undefined,
  options?: CallOptions,
): Promise<{ endpointId: string; isNew: boolean }> {
  let known = remembered;
  for (let calls = 1; ; calls++) {
    try {
      return known === undefined
        ? { endpointId: await register(rollcall, device, options), isNew: true }
        : { endpointId: await nameTokens(rollcall, device, known, options), isNew: false };
    } catch (error) {
      if (calls === CALLS_MAX) {
        throw error;
      }
      known = endpointToGoOnWith(error);
    }
  }
}

async function register(rollcall: LaunchClient, device: Device, options?: CallOptions): Promise<string> {
  // The client makes a request token for it: an app that kept one would be answered about a device of the past.
  return (await rollcall.registerAppInstanceUserEndpoint(device, options)).endpointId;
}

async function nameTokens(
  rollcall: LaunchClient,
  { appInstanceUserArn, endpointAttributes }: Device,
  endpointId: string,
  options?: CallOptions,
): Promise<string> {
  const request = { appInstanceUserArn, endpointId, endpointAttributes };
  return (await rollcall.updateAppInstanceUserEndpoint(request, options)).endpointId;
}

/** The endpoint that has the device already; undefined: there is none any more. Throws what is neither. */
function endpointToGoOnWith(error: unknown): string | undefined {
  const failure = error instanceof RollcallError ? error.failure : undefined;
  if (failure?.kind === "not_found") {
    return undefined;
  }
  if (failure?.kind === "conflict" && failure.reason === "DEVICE_ALREADY_REGISTERED") {
    return failure.endpointId;
  }
  throw error;
}

/** Without a token for VoIP notifications, the one that is there stays. */
function hasTokensOf({ endpointAttributes: before }: RegisteredDevice, { endpointAttributes: now }: Device): boolean {
  const { voipDeviceToken = before.voipDeviceToken } = now;
  return before.deviceToken === now.deviceToken && before.voipDeviceToken === voipDeviceToken;
}
