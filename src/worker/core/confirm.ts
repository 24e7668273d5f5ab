import type { Endpoint, Row } from "../model/endpoint.ts";
import { CONFIRMATION_LIFETIME_MS } from "../model/limits.ts";

/** What a call says of an endpoint; what it leaves out stays as it is. */
export type Said = Partial<Pick<Endpoint, "deviceToken" | "voipDeviceToken" | "name" | "allowMessages">>;

/** When a call last named the endpoint's device token. */
export function deviceTokenAtOf({ deviceTokenAt, createdAt }: Endpoint): number {
  return deviceTokenAt ?? createdAt;
}

/** Whether an endpoint counts as abandoned: no call has named its token for so long. */
export function isStale(endpoint: Endpoint, staleAfterMs: number, now: number): boolean {
  return now - deviceTokenAtOf(endpoint) > staleAfterMs;
}

/**
 * When a token is named that is named now: after every other of the user's, even if the clock stepped back or stood still
 * since, so that the latest is always told apart.
 */
export function nextDeviceTokenAt(rows: Iterable<Row>, now: number): number {
  let next = now;
  for (const row of rows) {
    if (row.state === "live") {
      next = Math.max(next, deviceTokenAtOf(row) + 1);
    }
  }
  return next;
}

/**
 * The row of an endpoint after a call that names its device, or none where there is nothing to write: most launches of an app only
 * say what is known. `loadAll` gives all of the user's rows, and is called only if there is.
 *
 * A device that presents its token is the best evidence that there is, so whatever was held against the token is forgotten.
 */
export function confirm(
  endpoint: Endpoint,
  said: Said,
  now: number,
  loadAll: () => readonly Row[],
): readonly Endpoint[] {
  const { inactiveSince, suspectedAt, ...rest } = endpoint;
  const isHealed = inactiveSince !== undefined;
  const isChanged = changes(endpoint, said);
  const isDue = now - deviceTokenAtOf(endpoint) > CONFIRMATION_LIFETIME_MS;
  if (!isChanged && !isHealed && suspectedAt === undefined && !isDue) {
    return [];
  }
  const lastUpdatedAt = isChanged || isHealed ? laterUpdate(endpoint, now) : endpoint.lastUpdatedAt;
  return [{ ...rest, ...said, lastUpdatedAt, deviceTokenAt: nextDeviceTokenAt(loadAll(), now) }];
}

/** Whether anything that is kept would change. */
export function changes(endpoint: Endpoint, said: Said): boolean {
  return Object.entries(said).some(([member, value]) => endpoint[member as keyof Said] !== value);
}

/** When an endpoint is changed that is changed now. A clock that stepped back does not take the timestamp with it. */
export function laterUpdate({ lastUpdatedAt }: Endpoint, now: number): number {
  return Math.max(now, lastUpdatedAt);
}
