import type { CallOptions } from "@connectrpc/connect";
import type { RollcallClient } from "./client.ts";
import { RollcallError } from "./failure.ts";
import { AppInstanceUserEndpointType } from "./gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Device, RegisteredDevice } from "./launch.ts";

/** What it takes. The policy must allow ListAppInstanceUserEndpoints, DescribeAppInstanceUserEndpoint and DeregisterAppInstanceUserEndpoint. */
export type SignOutClient = Pick<
  RollcallClient,
  "listAllAppInstanceUserEndpoints" | "describeAppInstanceUserEndpoint" | "deregisterAppInstanceUserEndpoint"
>;

/**
 * To be called when the user signs out, while there still are credentials of theirs. Cancel a launch that is on its way first, and
 * wait for its end: one that comes later would register the device again.
 *
 * It deregisters the remembered endpoint, and those of the user's others that have the device's token, for a launch that was canceled may
 * have made one. It registers nothing: one that comes late takes the device from no other user who has signed in since. A later sign-in
 * of the same user it does undo, so let it end before that.
 *
 * May be repeated after any failure. Of the options, `timeoutMs` is for each of its calls, and `signal` ends them all.
 */
export async function deregisterAtSignOut(
  rollcall: SignOutClient,
  device: Device,
  remembered?: RegisteredDevice,
  options?: CallOptions,
): Promise<void> {
  const { appInstanceUserArn } = device;
  const deregister = (endpointId: string) =>
    rollcall.deregisterAppInstanceUserEndpoint({ appInstanceUserArn, endpointId }, options);

  if (remembered?.appInstanceUserArn === appInstanceUserArn) {
    await deregister(remembered.endpointId);
  }
  for await (const { endpointId, type } of rollcall.listAllAppInstanceUserEndpoints({ appInstanceUserArn }, options)) {
    // What is listed has its type, and only what is described its token.
    if (type === device.type && (await isOf(device, endpointId, rollcall, options))) {
      await deregister(endpointId);
    }
  }
}

async function isOf(
  { appInstanceUserArn, type, resourceArn, endpointAttributes }: Device,
  endpointId: string,
  rollcall: SignOutClient,
  options?: CallOptions,
): Promise<boolean> {
  try {
    const request = { appInstanceUserArn, endpointId };
    const { appInstanceUserEndpoint: endpoint } = await rollcall.describeAppInstanceUserEndpoint(request, options);
    const token = endpoint?.endpointAttributes?.deviceToken ?? "";
    return endpoint?.resourceArn === resourceArn && isSameToken(type, token, endpointAttributes.deviceToken);
  } catch (error) {
    if (error instanceof RollcallError && error.failure.kind === "not_found") {
      return false;
    }
    throw error;
  }
}

/** APNs' tokens are hexadecimal, and the server takes them for the same in either case. */
function isSameToken(type: AppInstanceUserEndpointType, a: string, b: string): boolean {
  const { APNS, APNS_SANDBOX } = AppInstanceUserEndpointType;
  const isHexadecimal = (type === APNS || type === APNS_SANDBOX) && /^[\da-f]+$/i.test(a);
  return isHexadecimal ? a.toLowerCase() === b.toLowerCase() : a === b;
}
