import { misused, readOptionsAndArguments } from "../../command/arguments.ts";
import { CREDENTIALS_USAGE } from "../credentials.ts";

export const IMPORT_USAGE = `Usage: npm run import -- [--dry-run] --format FORMAT --url URL [option ...] FILE

Registers the endpoints of a file. A run that was broken off goes on, if the same is run again; none is registered twice.

  FILE                    what to read
  --format FORMAT         export: what npm run export wrote; pinpoint: endpoints that Amazon Pinpoint exported, a line of
                          JSON for each; sns: what aws sns list-endpoints-by-platform-application printed
  --dry-run               read all of the file and say what would be done: nothing is called, no credentials are needed
  --url URL               where the server is
  --app-instance-arn ARN  whose users they become: arn:aws:chime:REGION:ACCOUNT:app-instance/ID. With --format export,
                          only to give them to another app instance than they were of
  --resource-arn ARN      pinpoint, sns: the ResourceArn that your apps register with
  --user-from WHERE       sns: where the user's id is: CustomUserData, all of it; or CustomUserData.NAME, a member of the
                          JSON in it
  --disabled WHAT         sns: what becomes of an endpoint that is not Enabled: leave-out (if not given), or mute
  --per-second N          how many to register in a second: 50 if not given, which is half of what a caller may do

${CREDENTIALS_USAGE}`;

const OPTIONS = {
  "dry-run": { type: "boolean", default: false },
  format: { type: "string" },
  url: { type: "string" },
  "app-instance-arn": { type: "string" },
  "resource-arn": { type: "string" },
  "user-from": { type: "string" },
  disabled: { type: "string" },
  "per-second": { type: "string", default: "50" },
} as const;

export type ImportSettings = {
  readonly file: string;
  /** Nothing is called. */
  readonly isDryRun: boolean;
  /** Empty in a dry run that was given none. */
  readonly url: string;
  readonly perSecond: number;
} & Mapping;

/** How an endpoint of the file becomes a registration. */
export type Mapping =
  | { readonly format: "export"; readonly appInstanceArn: string | undefined }
  | { readonly format: "pinpoint"; readonly appInstanceArn: string; readonly resourceArn: string }
  | {
      readonly format: "sns";
      readonly appInstanceArn: string;
      readonly resourceArn: string;
      /** The names on the way to the user's id; the first is CustomUserData. */
      readonly userFrom: readonly string[];
      readonly mutesDisabled: boolean;
    };

/** Throws ConfigError, which says what to do. */
export function readImportSettings(args: readonly string[]): ImportSettings {
  const { values: options, positionals } = readOptionsAndArguments(args, OPTIONS, IMPORT_USAGE);
  const { "dry-run": isDryRun, url = "", "per-second": rate } = options;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw misused("one FILE must be given", IMPORT_USAGE);
  }
  if (!isDryRun && url === "") {
    throw misused("--url must be given, or --dry-run", IMPORT_USAGE);
  }
  const perSecond = Number(rate);
  if (!(perSecond > 0)) {
    throw misused("--per-second must be a number above 0", IMPORT_USAGE);
  }
  return { file, isDryRun, url, perSecond, ...mappingOf(options) };
}

type Options = Partial<Record<"format" | "app-instance-arn" | "resource-arn" | "user-from" | "disabled", string>>;

function mappingOf(options: Options): Mapping {
  const { format, "user-from": userFrom, disabled } = options;
  if (format !== "sns" && (userFrom ?? disabled) !== undefined) {
    throw misused("--user-from and --disabled are for --format sns", IMPORT_USAGE);
  }
  switch (format) {
    case "export":
      return mappingOfExport(options);
    case "pinpoint":
      return { format, ...givenArns(options) };
    case "sns":
      return { format, ...givenArns(options), ...mappingOfSns(options) };
    default:
      throw misused("--format must be export, pinpoint or sns", IMPORT_USAGE);
  }
}

function mappingOfExport({ "app-instance-arn": appInstanceArn, "resource-arn": resourceArn }: Options): Mapping {
  if (resourceArn !== undefined) {
    throw misused("with --format export each endpoint keeps its ResourceArn: leave out --resource-arn", IMPORT_USAGE);
  }
  return { format: "export", appInstanceArn };
}

function givenArns({ format, "app-instance-arn": appInstanceArn, "resource-arn": resourceArn }: Options) {
  if (appInstanceArn === undefined || resourceArn === undefined) {
    throw misused(`--format ${format} needs --app-instance-arn and --resource-arn`, IMPORT_USAGE);
  }
  return { appInstanceArn, resourceArn };
}

function mappingOfSns({ "user-from": userFrom = "", disabled = "leave-out" }: Options) {
  if (!/^CustomUserData(\.[^.]+)*$/.test(userFrom)) {
    throw misused("--format sns needs --user-from, which is CustomUserData or CustomUserData.NAME", IMPORT_USAGE);
  }
  if (disabled !== "leave-out" && disabled !== "mute") {
    throw misused("--disabled must be leave-out or mute", IMPORT_USAGE);
  }
  return { userFrom: userFrom.split("."), mutesDisabled: disabled === "mute" };
}
