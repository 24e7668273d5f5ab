import type { CallOptions } from "@connectrpc/connect";
import type { RollcallClient } from "./client.ts";
import { RollcallError } from "./failure.ts";
import type { Device, RegisteredDevice } from "./launch.ts";

/** The operations that it takes, each of which the policy must allow; the list is ListAppInstanceUserEndpoints. */
export type SignOutClient = Pick<
  RollcallClient,
  "listAllAppInstanceUserEndpoints" | "describeAppInstanceUserEndpoint" | "deregisterAppInstanceUserEndpoint"
>;

/**
 * To be called when the user signs out, while there still are credentials of theirs. Cancel a launch that is on its way first, and
 * wait for its end: one that comes later would register the device again.
 *
 * It deregisters the remembered endpoint, and which of the user's others have the device's token, for a launch that was canceled may
 * have made one. It registers nothing: a sign-out that comes late takes the device from nobody who has signed in since.
 *
 * May be repeated after any failure.
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
  { appInstanceUserArn, resourceArn, endpointAttributes }: Device,
  endpointId: string,
  rollcall: SignOutClient,
  options?: CallOptions,
): Promise<boolean> {
  try {
    const request = { appInstanceUserArn, endpointId };
    const { appInstanceUserEndpoint: endpoint } = await rollcall.describeAppInstanceUserEndpoint(request, options);
    const isSameToken = endpoint?.endpointAttributes?.deviceToken === endpointAttributes.deviceToken;
    return isSameToken && endpoint.resourceArn === resourceArn;
  } catch (error) {
    if (error instanceof RollcallError && error.failure.kind === "not_found") {
      return false;
    }
    throw error;
  }
}
