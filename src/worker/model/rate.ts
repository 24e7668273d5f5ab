/** How many calls are allowed: `burst` at once, and after that `perSecond`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}
