import { misused, readOptions } from "../../command/arguments.ts";
import { CREDENTIALS_USAGE } from "../credentials.ts";

export const EXPORT_USAGE = `Usage: npm run export -- --url URL --app-instance-arn ARN [--out FILE]

Writes all endpoints of an app instance, a line of JSON for each, with their device tokens. The server must keep a
Directory of devices (DEVICES).

  --url URL               where the server is
  --app-instance-arn ARN  arn:aws:chime:REGION:ACCOUNT:app-instance/ID
  --out FILE              what to write; a run that was broken off goes on, if the same is run again. Without it, to
                          standard output, from where a program can encrypt it: npm run --silent export -- … | gpg -e …

${CREDENTIALS_USAGE}`;

const OPTIONS = {
  url: { type: "string" },
  "app-instance-arn": { type: "string" },
  out: { type: "string" },
} as const;

export interface ExportSettings {
  readonly url: string;
  readonly appInstanceArn: string;
  /** Undefined: standard output. */
  readonly out: string | undefined;
}

/** Throws ConfigError, which says what to do. */
export function readExportSettings(args: readonly string[], isTerminal: boolean): ExportSettings {
  const { url, "app-instance-arn": appInstanceArn, out } = readOptions(args, OPTIONS, EXPORT_USAGE);
  if (url === undefined || appInstanceArn === undefined) {
    throw misused("--url and --app-instance-arn must be given", EXPORT_USAGE);
  }
  if (out === undefined && isTerminal) {
    throw misused(
      "device tokens are not shown on a terminal: name a file by --out, or a program by a pipe",
      EXPORT_USAGE,
    );
  }
  return { url, appInstanceArn, out };
}
