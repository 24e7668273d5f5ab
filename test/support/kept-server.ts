import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { serialize } from "node:v8";
import { afterAll } from "vitest";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "./build.ts";

/** The built Worker on bare workerd, which is started anew with other variables on the same data while the tests of a file run. */
export class KeptServer {
  readonly #data = mkdtempSync(join(tmpdir(), "rollcall-kept-"));
  readonly #variables: Readonly<Record<string, string>>;
  #workerd: Workerd | undefined;
  /** What it has written: lines of requests, and bugs. */
  log = "";

  constructor(variables: Readonly<Record<string, string>>) {
    this.#variables = variables;
    afterAll(async () => {
      await this.#workerd?.stop();
      rmSync(this.#data, { recursive: true });
    });
  }

  get url(): string {
    return this.#workerd?.url ?? "http://not-started.invalid";
  }

  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#workerd?.stop();
    const variables = { ...this.#variables, ...more };
    this.#workerd = await startWorkerd({ bundle: WORKER_BUNDLE, data: this.#data, variables, lines: "pipe" });
    for (const lines of [this.#workerd.process.stdout, this.#workerd.process.stderr]) {
      lines?.on("data", (chunk) => {
        this.log += chunk;
      });
    }
  }

  /** Has the object of a new user fail at whatever it is asked of its only endpoint: no release wrote such a row. */
  async poison(register: () => Promise<unknown>): Promise<void> {
    const before = this.#objects();
    await register();
    const file = this.#objects().find((each) => !before.includes(each)) ?? "";
    await this.#workerd?.stop();
    const database = new DatabaseSync(join(this.#data, file));
    const row = { version: 1, state: "live", type: "APNS", allowMessages: "ALL", deviceToken: 5, createdAt: "never" };
    database.prepare("UPDATE _cf_KV SET value = ? WHERE key LIKE 'endpoint/%'").run(serialize(row));
    database.close();
    await this.start();
  }

  /** One file for each user. */
  #objects(): string[] {
    return globSync("objects/*/*.sqlite", { cwd: this.#data });
  }
}
