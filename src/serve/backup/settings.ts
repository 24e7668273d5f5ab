import { misused, readOptions } from "../../command/arguments.ts";
import { OPTIONS, SERVE_USAGE } from "../settings.ts";

/** What `npm run serve` is told to copy, in the place of serving. */
export interface CopySettings {
  readonly kind: "backup" | "restore";
  readonly data: string;
  readonly backup: string;
}

/** Undefined where it is to serve. What says how to serve has no meaning for a copy, and may be left as it is. Throws ConfigError. */
export function readCopySettings(args: readonly string[]): CopySettings | undefined {
  const { data, backup, restore } = readOptions(args, OPTIONS, SERVE_USAGE);
  if (backup === undefined && restore === undefined) {
    return undefined;
  }
  if (backup !== undefined && restore !== undefined) {
    throw misused("--backup and --restore are two things to do, one after the other", SERVE_USAGE);
  }
  if (!data) {
    throw misused("--data must name a folder", SERVE_USAGE);
  }
  if (backup === "" || restore === "") {
    throw misused(`--${backup === "" ? "backup" : "restore"} must name a folder`, SERVE_USAGE);
  }
  return backup !== undefined ? { kind: "backup", data, backup } : { kind: "restore", data, backup: restore ?? "" };
}
