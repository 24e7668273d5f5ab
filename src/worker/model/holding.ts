/** What the Directory knows of one device and one user: that the user has it, or had it until another user took it. */
export interface Holding {
  /** The device, as objects/device-key names it. */
  readonly device: string;
  /** The user, by a hash of the ARN. */
  readonly user: string;
  readonly userArn: string;
  readonly endpointId: string;
  /** When the user's app named the device's token, in milliseconds since 1970; not later than it was heard of. */
  readonly at: number;
  /** What the user's object called that time, where its clock was ahead. */
  readonly claimedAt?: number;
  /** Whether another user has taken the device. The holding stays, so that a late word of it is not believed. */
  readonly isLost?: true;
}

/** Whether one user has a device, or everybody who registered it. */
export type DevicesMode = "move" | "share";
