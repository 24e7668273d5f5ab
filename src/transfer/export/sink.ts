/** Where an export goes: a file, in which it can go on, or standard output. */
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { ConfigError } from "../../worker/model/config-error.ts";
import { stateFile } from "../state-file.ts";
import type { ExportSettings } from "./settings.ts";

/** How far an export is. */
export interface Exported {
  /** The page that comes next; empty for the first. */
  readonly nextToken: string;
  readonly written: number;
  /** How many were listed and then not there any more. */
  readonly gone: number;
}

export interface Sink {
  /** Where it begins: after what an earlier run wrote, if one did. */
  readonly begin: Exported;
  /** Writes a page, and that it is written. After the last one nothing is left to go on from. */
  append(text: string, exported: Exported): Promise<void>;
}

const NOTHING: Exported = { nextToken: "", written: 0, gone: 0 };

export function sinkOf({ out, ...of }: ExportSettings): Promise<Sink> | Sink {
  return out === undefined ? standardOutput() : fileSink(out, of);
}

function standardOutput(): Sink {
  return {
    begin: NOTHING,
    async append(text) {
      if (!process.stdout.write(text)) {
        await once(process.stdout, "drain");
      }
    },
  };
}

/** The state is written after the page: what a run wrote after it wrote the state is cut off by the next, and written again. */
async function fileSink(out: string, of: Omit<ExportSettings, "out">): Promise<Sink> {
  const state = stateFile<Exported & { readonly bytes: number }>(`${out}.state`, of);
  const before = state.read();
  if (before === undefined && existsSync(out)) {
    throw new ConfigError(`${out} is there already, and no ${state.path} to go on from. Name another, or remove it.`);
  }
  let { bytes, ...begin } = before ?? { ...NOTHING, bytes: 0 };
  if (before === undefined) {
    state.write({ ...begin, bytes });
  }
  const file = await open(out, "a", 0o600);
  if ((await file.stat()).size < bytes) {
    throw new ConfigError(`${out} is shorter than ${state.path} says: remove both to begin anew.`);
  }
  await file.truncate(bytes);
  return {
    begin,
    async append(text, exported) {
      await file.appendFile(text);
      await file.sync();
      bytes += Buffer.byteLength(text);
      if (exported.nextToken === "") {
        rmSync(state.path);
        await file.close();
      } else {
        state.write({ ...exported, bytes });
      }
    },
  };
}
