/** A file of NAME=VALUE lines, as `--variables` names it. */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { ConfigError } from "../worker/model/config-error.ts";

/** A value in quotes may go on over lines, and may not be followed by anything but a comment. */
const VALUE = /'[^']*'|"[^"]*"|`[^`]*`|[^'"`\s][^\n]*/.source;
const LINE = new RegExp(
  `[^\\S\\n]*(?:(?:export )?[A-Za-z_]\\w* *=[^\\S\\n]*(?:${VALUE})?[^\\S\\n]*)?(?:#[^\\n]*)?(?:\\n|$)`,
  "y",
);

/** Node's own reader passes over what is not a variable, so nobody would notice a line with a slip in it. */
export function readVariablesFile(file: string): Record<string, string | undefined> {
  const text = readText(file);
  for (let at = 0; at < text.length; at = LINE.lastIndex) {
    LINE.lastIndex = at;
    if (!LINE.test(text)) {
      const line = text.slice(0, at).split("\n").length;
      throw new ConfigError(`${file}, the file with variables, has something in line ${line} that is not NAME=VALUE`);
    }
  }
  return parseEnv(text);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new ConfigError(`${file}, the file with variables, ${isMissing ? "does not exist" : "can't be read"}`);
  }
}
