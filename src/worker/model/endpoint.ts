/** The push service of a device. GCM is Firebase Cloud Messaging, under the name that AWS kept for it. */
export type EndpointType = "APNS" | "APNS_SANDBOX" | "GCM";

/** Whether messages may wake an endpoint. */
export type AllowMessages = "ALL" | "NONE";

/** A device that may be woken for a user, and the request that registered it. */
export interface Endpoint {
  readonly state: "live";
  /** UUIDv7; the order of ids is the order of registration. */
  readonly endpointId: string;
  readonly type: EndpointType;
  readonly resourceArn: string;
  readonly deviceToken: string;
  readonly voipDeviceToken?: string;
  /** Absent if none was given, which differs from an empty one. */
  readonly name?: string;
  readonly allowMessages: AllowMessages;
  /** The token of the request that made this endpoint. */
  readonly clientRequestToken: string;
  /** What that request asked for: see core/fingerprint. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly lastUpdatedAt: number;
  /** When a call last named the device token, in milliseconds since 1970; absent where that is `createdAt`. */
  readonly deviceTokenAt?: number;
  /** Since when the token is known to be dead: the endpoint is INACTIVE until a call names its device again. */
  readonly inactiveSince?: number;
  /** When a push failed in a way that may be the token's fault, and nothing has confirmed the token since. */
  readonly suspectedAt?: number;
  /** The device that the endpoint had before its token was replaced, until the Directory has surely heard of it. */
  readonly formerDevice?: HeldDevice;
  /**
   * When the endpoint was given devices that were new to the user, beside the one that it was made with, in milliseconds since 1970: in the
   * day before the last of them.
   */
  readonly rotations?: readonly number[];
}

/** A device as the Directory knows it, and when its token was named. */
export interface HeldDevice {
  /** See objects/device-key. */
  readonly device: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * What is left of a deregistered endpoint, so that a late retry of its registration neither resurrects it nor
 * claims success. It holds no device token.
 */
export interface Tombstone {
  readonly state: "deregistered";
  readonly endpointId: string;
  readonly clientRequestToken: string;
  /** Milliseconds since 1970; from then on the tombstone is as good as absent. */
  readonly expiresAt: number;
  /** The devices that the Directory is to forget, once more when the tombstone is purged; absent without a Directory. */
  readonly held?: readonly HeldDevice[];
  /** Those of the endpoint: they count for a day, whether or not it is still there. */
  readonly rotations?: readonly number[];
}

/** One row of a user's register. */
export type Row = Endpoint | Tombstone;
