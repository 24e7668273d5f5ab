import { globSync, statSync } from "node:fs";
import { join } from "node:path";

/** How long the files of a folder are together, without those in a folder of this name. */
export function bytesIn(folder: string, without?: string): number {
  return globSync("**", { cwd: folder, exclude: (name) => name === without })
    .map((file) => statSync(join(folder, file)))
    .filter((file) => file.isFile())
    .reduce((bytes, { size }) => bytes + size, 0);
}
