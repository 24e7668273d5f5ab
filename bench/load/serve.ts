import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd, WorkerdOptions } from "../../src/serve/workerd/start.ts";

/** Room for more users than are called at a time. */
export const ROOM = { USERS_AT_ONCE: "100000" };

/**
 * Starts a bundle on data of its own, with a number of users that there is room for, as `npm run serve` always names one: where none is
 * named, no user is known to be awake, and each read asks the disk for the user's file first.
 */
export function serve(
  bundle: string,
  { variables, ...options }: Partial<Pick<WorkerdOptions, "variables" | "under">> = {},
): Promise<Workerd> {
  return startTemporaryWorkerd(bundle, { variables: { ...ROOM, ...variables }, ...options });
}
