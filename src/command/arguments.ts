/** The options of commands that run in Node. No part of the Worker. */
import { type ParseArgsConfig, type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { ConfigError } from "../worker/model/config-error.ts";

export const AFTER_DASHES = "npm keeps options for itself, unless they come after --";

/** Throws ConfigError, with the usage, for what is no such option. It repeats no value, because that may be a secret. */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  return read({ args: [...args], options }, usage).values;
}

/** The same, of a command that takes arguments which are no options. */
export function readOptionsAndArguments<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  return read({ args: [...args], options, allowPositionals: true }, usage);
}

function read<Config extends ParseArgsConfig & { options: ParseArgsOptionsConfig }>(config: Config, usage: string) {
  // npm puts what it has taken into the environment of what it runs.
  const taken = Object.keys(config.options).find((name) => process.env[`npm_config_${name.replaceAll("-", "_")}`]);
  if (taken !== undefined) {
    throw misused(`--${taken} went to npm itself: ${AFTER_DASHES}`, usage);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    throw misused(whatIsWrong(error as NodeJS.ErrnoException), usage);
  }
}

export function misused(what: string, usage: string): ConfigError {
  return new ConfigError(`${what[0]?.toUpperCase()}${what.slice(1)}.\n\n${usage}`);
}

/** Node's own words about the names of options, up to the first full stop. */
function whatIsWrong({ code, message }: NodeJS.ErrnoException): string {
  return code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL"
    ? `there is an argument that is no option: ${AFTER_DASHES}`
    : (message.split(/\.\s/, 1)[0] ?? message);
}
