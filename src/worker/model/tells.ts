import type { Endpoint } from "./endpoint.ts";

/** How the Directory names devices: it never sees a token. */
export type DeviceKeys = (device: Pick<Endpoint, "type" | "resourceArn" | "deviceToken">) => string;

/** What a user's object has to tell the Directory of the devices of one user. */
export interface Tell {
  /**
   * `hold`: the user has the device. `release`: has it no more. `note`: something else happened to the endpoint. `erased`: the user was
   * erased, of which only a receipt is written.
   */
  readonly kind: "hold" | "release" | "note" | "erased";
  /** The device, as objects/device-key names it; of `erased` the user. */
  readonly device: string;
  /** Empty of `erased`. */
  readonly endpointId: string;
  /** When the device's token was named, in milliseconds since 1970. */
  readonly at: number;
  /** What has happened, if the Directory did not know of it. */
  readonly change?: "registered" | "rotated" | "deregistered";
  /** What has happened whether or not it is news to the Directory. */
  readonly note?: "updated" | "deactivated" | "reactivated";
  /** When that has happened, in milliseconds since 1970, where it is not the naming of the token. */
  readonly happenedAt?: number;
  /** Of `erased`: how many endpoints. */
  readonly endpoints?: number;
}

/** What a call that succeeded has to tell. */
export interface Tells {
  readonly tells: readonly Tell[];
  /** Whether the call presented a device: then it must have been held at some moment of the call. */
  readonly presents: boolean;
  /** When the call was decided, on the clock of the user's object, in milliseconds since 1970. */
  readonly now: number;
}
