/** How far a run has come, beside the file that it reads or writes, so that another goes on from there. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { ConfigError } from "../worker/model/config-error.ts";

export interface StateFile<State> {
  readonly path: string;
  /** What was written last; undefined where nothing was. Throws ConfigError where it is of another run. */
  read(): State | undefined;
  /** At once or not at all, whenever the machine stops. */
  write(state: State): void;
}

/** `of` names what is done from where to where: only a run of the same goes on. */
export function stateFile<State>(path: string, of: Readonly<Record<string, unknown>>): StateFile<State> {
  return {
    path,
    read() {
      const text = textOf(path);
      if (text === undefined) {
        return undefined;
      }
      const { of: found, state } = parsed(text, path);
      const other = Object.keys(of).find((name) => JSON.stringify(found?.[name]) !== JSON.stringify(of[name]));
      if (other !== undefined) {
        throw new ConfigError(
          `${path} is what another run left, with another ${other}. Run that to its end, or, where it has ended, remove ${path}.`,
        );
      }
      return state;
    },
    write(state) {
      writeFileSync(`${path}.new`, `${JSON.stringify({ of, state })}\n`, { mode: 0o600, flush: true });
      renameSync(`${path}.new`, path);
    },
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

function parsed(text: string, path: string) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`${path} can't be read: remove it to begin anew.`);
  }
}
