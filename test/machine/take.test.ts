/** A database is read whole, though SQLite writes to it, writes back its log, closes it and begins it anew between any two reads, and in them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import { type Taken, take } from "../../src/serve/backup/take.ts";
import { Random } from "../../torture/random.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-take-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a number to two rows that are far apart, always to both. */
class Writer {
  readonly file = join(folder, "written");
  committed = 0;
  #database = opened(this.file);

  write(): void {
    this.committed++;
    this.#database.prepare("UPDATE numbers SET n = ?").run(this.committed);
  }

  /** What a log that is full comes to, and the last one who closes. */
  writeBack(): void {
    this.#database.exec("PRAGMA wal_checkpoint(RESTART)");
  }

  reopen(): void {
    this.#database.close();
    this.#database = opened(this.file);
  }

  close(): void {
    this.#database.close();
  }

  /** As the runtime erases an object. */
  beginAnew(): void {
    this.#database.close();
    rmSync(this.file);
    this.#database = opened(this.file);
    this.write();
  }
}

/** Opens a database, and makes it if there is none. */
function opened(file: string): DatabaseSync {
  const isNew = !existsSync(file);
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0");
  if (isNew) {
    const pad = "x".repeat(3_000);
    database.exec(
      `BEGIN; CREATE TABLE numbers (n, pad); INSERT INTO numbers VALUES (0, '${pad}'), (0, '${pad}'); COMMIT`,
    );
  }
  return database;
}

const readNow = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));

function numbersIn({ database, log }: Taken): unknown[] {
  const copy = join(folder, "copy");
  writeFileSync(copy, database);
  writeFileSync(`${copy}-wal`, log);
  const opened = new DatabaseSync(copy);
  try {
    expect(opened.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    return opened
      .prepare("SELECT n FROM numbers")
      .all()
      .map(({ n }) => n);
  } finally {
    opened.close();
  }
}

it("has what was committed before, and no transaction by halves", async () => {
  const random = new Random("take");
  const writer = new Writer();
  const acts = [() => writer.write(), () => writer.writeBack(), () => writer.reopen(), () => writer.beginAnew()];
  let left = 0;
  /** Something comes between, as often as was said before. */
  const between = () => {
    for (; left > 0 && random.next() < 0.5; left--) {
      random.pick(acts)();
    }
  };
  const read = (file: string): Buffer => {
    between();
    const first = readNow(file);
    const half = random.between(0, first.length);
    between();
    // What was opened before it was removed is read to its end.
    return existsSync(file) ? Buffer.concat([first.subarray(0, half), readNow(file).subarray(half)]) : first;
  };
  for (let n = 0; n < 200; n++) {
    random.pick(acts)();
    const { committed } = writer;
    left = random.between(0, 6);
    const taken = await take(writer.file, read);
    const [first = -1, second] = taken === undefined ? [] : numbersIn(taken);
    expect(first).toBe(second);
    expect(first).toBeGreaterThanOrEqual(committed);
  }
  writer.close();
});

it("has no log that began after its file was read, though the file has become what it was", async () => {
  const file = join(folder, "as-it-was");
  let database = opened(file);
  database.exec("UPDATE numbers SET n = 10");
  database.close();
  let reads = 0;
  const read = (name: string): Buffer => {
    reads++;
    if (reads === 3) {
      // The file has been read, when there was no log.
      database = opened(file);
      database.exec("UPDATE numbers SET n = 11; PRAGMA wal_checkpoint(RESTART)");
      database.exec("UPDATE numbers SET n = 12 WHERE rowid = 2");
    } else if (reads === 4) {
      database.exec("UPDATE numbers SET n = 10; PRAGMA wal_checkpoint(RESTART)");
    }
    return readNow(name);
  };
  const taken = await take(file, read);
  database.close();
  // And not 10 and 12, which there never were together.
  expect(taken && numbersIn(taken)).toEqual([10, 10]);
});
