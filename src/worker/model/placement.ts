/** Source: developers.cloudflare.com/durable-objects/reference/data-location, read in November 2026. */
export const JURISDICTIONS = ["eu", "fedramp"] as const;

/** Source: the same page. */
export const LOCATION_HINTS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;

export type Jurisdiction = (typeof JURISDICTIONS)[number];
export type LocationHint = (typeof LOCATION_HINTS)[number];

/** Where users' objects are to live, by the region in their ARNs. Empty: near the first caller. */
export interface Placement {
  /** An object of one jurisdiction is not found from another: changing this orphans what is registered. */
  readonly jurisdictions: ReadonlyMap<string, Jurisdiction>;
  /** Heeded only when an object is made. */
  readonly locationHints: ReadonlyMap<string, LocationHint>;
}
