/** What receivers are told of: what has become of users' endpoints. */

/** The end of a CloudEvents type, behind "rollcall.". */
export type EventType =
  | `endpoint.${"registered" | "updated" | "rotated" | "deactivated" | "reactivated" | "deregistered" | "moved"}`
  | "user.erased"
  | "events.dropped";

export interface Event {
  readonly type: EventType;
  /** The app instance's ARN. */
  readonly source: string;
  /** The endpoint's id; of a user, a hash of the ARN, for attributes of events are logged and ARNs are personal data. */
  readonly subject: string;
  /** When it has happened, in milliseconds since 1970, on the clock of the user's object: the same however often it is told. */
  readonly at: number;
  /** What is said of it besides, in JSON. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Where this stands for events that were dropped: how many, and since when. */
  readonly dropped?: { readonly count: number; readonly from: number };
}

/** An event that has yet to be delivered. */
export interface WaitingEvent extends Event {
  /** Its place among those of the shard. */
  readonly seq: number;
  /** When it was written, in milliseconds since 1970. */
  readonly writtenAt: number;
}

/** How far the delivery of a shard's events has come. */
export interface Feed {
  /** The last of the batch that is under way, or that was the last one. */
  readonly last: number;
  /** How often that batch has failed. */
  readonly failures: number;
  /** When it is to be tried again, in milliseconds since 1970. */
  readonly at: number;
}

/** Where events go, and the secrets by which they are signed: each a key of HMAC. */
export interface EventsTarget {
  readonly url: string;
  readonly keys: readonly Uint8Array[];
}
