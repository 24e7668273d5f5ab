/** How the register is configured. */
export interface Policy {
  readonly limit: number;
  readonly adopts: boolean;
  /** Absent: nothing is ever stale. */
  readonly staleDays?: number;
}

/** What there is where nothing is configured, and what else there may be. */
export const POLICIES: readonly [Policy, ...Policy[]] = [
  { limit: 10, adopts: false },
  { limit: 3, adopts: false },
  { limit: 10, adopts: true },
  { limit: 3, adopts: true, staleDays: 14 },
];

/** The same as the variables of a deployment. */
export function variablesOf({ limit, adopts, staleDays }: Policy) {
  return {
    ENDPOINTS_PER_USER: String(limit),
    SAME_DEVICE: adopts ? "adopt" : "refuse",
    STALE_DAYS: String(staleDays ?? ""),
  };
}
