/**
 * How to tell a replay. No wire says that an answer is one, because a caller who retries must not care; but an endpoint's
 * id is a UUIDv7, which begins with the time when the endpoint was registered (RFC 9562, section 5.7).
 */
export interface Replay {
  readonly first: Registered;
  readonly again: Registered;
}

export interface Registered {
  readonly endpointId: string;
  /** When the call was made, in milliseconds since 1970. */
  readonly calledAt: number;
  /** How many endpoints the user had after it; undefined where that could not be asked. */
  readonly slotsUsed: number | undefined;
}

/** When an id was made, in milliseconds since 1970; undefined where it does not tell. */
export function madeAt(endpointId: string): number | undefined {
  const hex = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(endpointId);
  return hex ? Number.parseInt(`${hex[1]}${hex[2]}`, 16) : undefined;
}

export function isReplay({ first, again }: Replay): boolean {
  return first.endpointId === again.endpointId;
}
