/** Copies a register, which may be served meanwhile, to a folder that can be served. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { setImmediate as othersTurn } from "node:timers/promises";
import { DIRECTORY_KEY } from "../workerd/config.ts";
import { keepFolders, makeFolder, OBJECTS, UNFINISHED } from "../workerd/folders.ts";
import { copyAlarms } from "./copy-alarms.ts";
import { copyDatabase } from "./copy-database.ts";
import { CopyError } from "./copy-error.ts";

/** How many objects there are of each class, by its folder. */
export type Counts = Readonly<Record<string, number>>;

export interface Progress {
  copied: number;
  readonly of: number;
}

/**
 * Everything that was answered before it began is in the copy; what is answered meanwhile may be. Each object is copied as it was at one
 * moment, and the Directory before the users. So the copy's Directory has heard of nothing that its users do not know, and the reverse is as if its
 * word were late: that heals when the app is next launched. The other way round, a user who lost a device would never be told.
 *
 * `whenCopied` is called before the copy counts as one, with what it has.
 */
export async function copyRegister(
  from: string,
  to: string,
  onStart: (progress: Progress) => void,
  whenCopied: (counts: Counts) => void,
): Promise<void> {
  const objects = join(from, OBJECTS);
  if (!existsSync(objects)) {
    throw new CopyError(`There is no register in ${from}, and no whole copy of one.`);
  }
  keepApart(from, to);
  const unfinished = emptyFolder(to);
  const classes = foldersIn(objects).toSorted((a, b) => Number(b === DIRECTORY_KEY) - Number(a === DIRECTORY_KEY));
  const progress = { copied: 0, of: classes.flatMap((name) => objectsIn(join(objects, name))).length };
  onStart(progress);
  const counts: Record<string, number> = {};
  for (const name of classes) {
    counts[name] = await copyClass(join(objects, name), join(unfinished, name), join(unfinished, "desk"), progress);
  }
  whenCopied(counts);
  // One by one, they would take a thousand times as long.
  execFileSync("sync");
  renameSync(unfinished, join(to, OBJECTS));
  keepFolders(to);
}

/** Answers how many objects there are. Those are listed that are there by now: the Directory, copied before, may know of them. */
async function copyClass(source: string, target: string, desk: string, progress: Progress): Promise<number> {
  mkdirSync(target, { mode: 0o700 });
  const alarms = new Map<string, bigint>();
  let count = 0;
  for (const id of objectsIn(source)) {
    const copied = await copyDatabase(join(source, `${id}.sqlite`), join(target, `${id}.sqlite`), desk);
    if (copied?.alarmAt !== undefined) {
      alarms.set(id, copied.alarmAt);
    }
    count += copied === undefined ? 0 : 1;
    progress.copied++;
    await othersTurn();
  }
  await copyAlarms(join(source, ALARMS), join(target, ALARMS), desk, alarms);
  return count;
}

const ALARMS = "metadata.sqlite";

/** Those that a link leads to are served too. */
function foldersIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
}

/** Their ids, which are the names of their files. */
function objectsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".sqlite") && file !== ALARMS)
    .map((file) => file.slice(0, -".sqlite".length));
}

/** A copy among the databases of what is copied would be taken for one of its classes, and be in the way of whoever serves it. */
function keepApart(from: string, to: string): void {
  for (const folder of [join(from, OBJECTS), join(from, UNFINISHED)]) {
    // Databases may be on another disk, where a link leads to.
    const [first] = relative(realPathOf(resolve(folder)), realPathOf(resolve(to))).split(sep);
    if (first !== "..") {
      throw new CopyError(`${to} is in ${folder}, among what is copied: name a folder outside of it.`);
    }
  }
}

/** Where a folder is once it is made: those above that are there may be links. */
function realPathOf(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : join(realPathOf(dirname(folder)), basename(folder));
}

function emptyFolder(to: string): string {
  const unfinished = join(to, UNFINISHED);
  if (existsSync(join(to, OBJECTS))) {
    throw new CopyError(`There is a register in ${to}: name another folder.`);
  }
  if (existsSync(unfinished)) {
    throw new CopyError(`A copy into ${to} has not come to its end: remove that folder, or name another.`);
  }
  makeFolder(unfinished, to);
  return unfinished;
}
