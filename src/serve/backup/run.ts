/** `npm run serve -- --backup` and `--restore`. See docs/self-hosting.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import "../../command/ending/with-parent.ts";
import { sayProgress, thousands } from "../../command/progress.ts";
import { UNIQUE_KEY } from "../workerd/config.ts";
import { writeAnew } from "../workerd/folders.ts";
import { CopyError } from "./copy-error.ts";
import { type Counts, copyRegister, type Progress } from "./copy-register.ts";
import type { CopySettings } from "./settings.ts";
import { sqliteOfNode } from "./sqlite.ts";

/** What a backup has, beside it. */
interface Note {
  readonly begun: string;
  readonly ended: string;
  readonly objects: Counts;
}

const NOTE = "backup.json";

/** Copies as it is told, and says how far it is, and what it has copied. Throws CopyError where there is no whole copy. */
export async function runCopy({ kind, data, backup }: CopySettings): Promise<void> {
  // Before a folder is made that would stand in the way of another try.
  sqliteOfNode();
  let stopSaying = () => {};
  const onStart = (progress: Progress) => {
    stopSaying = sayProgress(() => `${thousands(progress.copied)} of ${thousands(progress.of)} databases copied`);
  };
  try {
    const run = kind === "backup" ? backUp : restore;
    const { [UNIQUE_KEY]: count = 0 } = await run(data, backup, onStart);
    const users = count === 1 ? "1 user" : `${thousands(count)} users`;
    console.log(
      kind === "backup"
        ? `${backup} has the register of ${data} with ${users}.`
        : `${data} has the register of the backup ${backup} with ${users}.`,
    );
  } catch (error) {
    // That a disk is full, or a folder is another user's, is no bug.
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : new CopyError((error as Error).message);
  } finally {
    stopSaying();
  }
}

async function backUp(data: string, backup: string, onStart: (progress: Progress) => void): Promise<Counts> {
  const begun = new Date().toISOString();
  let objects: Counts = {};
  await copyRegister(data, backup, onStart, (counts) => {
    objects = counts;
    const note: Note = { begun, ended: new Date().toISOString(), objects };
    writeAnew(join(backup, NOTE), `${JSON.stringify(note, null, 2)}\n`);
  });
  return objects;
}

/** What is missing from a backup, such as one that was only partly brought here, is not restored without a word. */
async function restore(data: string, backup: string, onStart: (progress: Progress) => void): Promise<Counts> {
  const noted = countsIn(backup);
  let objects: Counts = {};
  await copyRegister(backup, data, onStart, (counts) => {
    objects = counts;
    for (const [name, count] of noted) {
      if (counts[name] !== count) {
        throw new CopyError(
          `${backup} is not whole: of ${count} databases in objects/${name}, ${counts[name] ?? 0} are there.`,
        );
      }
    }
  });
  return objects;
}

function countsIn(backup: string): [string, number][] {
  try {
    const { objects }: Note = JSON.parse(readFileSync(join(backup, NOTE), "utf8"));
    return Object.entries(objects);
  } catch {
    throw new CopyError(`${backup} is no whole backup: it has no ${NOTE} that can be read.`);
  }
}
