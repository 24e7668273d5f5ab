import type { Row } from "./endpoint.ts";

/** What is to change in a user's register, all of it or nothing. */
export interface Changes {
  /** The rows to write: new ones, or in place of those with the same ids. */
  readonly put?: readonly Row[];
  /** The ids of the rows to drop: expired tombstones only. */
  readonly drop?: readonly string[];
  /** When the purge is to come, in milliseconds since 1970; undefined leaves it as it is. */
  readonly purgeAt?: number | undefined;
}
