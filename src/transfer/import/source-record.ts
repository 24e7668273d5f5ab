/** An endpoint in a file, as text. */
export interface SourceRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  /** Undefined: it is longer than any endpoint. */
  readonly text: string | undefined;
}

/** The longest endpoint that is read. Pinpoint's have up to 15 KB. */
export const RECORD_MAX_CHARACTERS = 256 * 1_024;
