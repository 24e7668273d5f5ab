import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The machine's own Node, which may be older than the one that `npm ci` brings along. */
export const MACHINES_NODE: string =
  (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .map((folder) => join(folder, "node"))
    .find((program) => existsSync(program)) ?? process.execPath;
