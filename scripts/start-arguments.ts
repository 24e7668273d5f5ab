import { localModeVariables, OPEN_LOCAL_MODE } from "../src/serve/open-local-mode.ts";

/**
 * What `wrangler dev` is started with, by what `npm start` is given. Variables stand last: what follows one is taken for
 * another. Throws ConfigError where local mode would be open to the network and nobody said that it may.
 */
export function wranglerArguments(args: readonly string[]): string[] {
  const open = `--${OPEN_LOCAL_MODE}`;
  const variables = localModeVariables(hostIn(args), args.includes(open));
  return [
    "dev",
    // So that stacks are read as they are.
    "--minify=false",
    // wrangler would take the next free port in the place of one that is not named.
    ...(args.some((arg) => /^--port(=|$)/.test(arg)) ? [] : ["--port", "8787"]),
    ...args.filter((arg) => arg !== open),
    ...Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
}

/** What wrangler is told to listen on, if it is. */
function hostIn(args: readonly string[]): string {
  const at = args.findLastIndex((arg) => /^--ip(=|$)/.test(arg));
  return at === -1 ? "localhost" : (args[at]?.split("=", 2)[1] ?? args[at + 1] ?? "");
}
