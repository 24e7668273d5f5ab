import { setTimeout } from "node:timers/promises";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { openFiles } from "./account.ts";
import { pidOf } from "./send-all.ts";

/** Much longer than the 10 s that the runtime keeps an object awake. */
const SLEEP_MAX_MS = 30_000;

/** What a namespace itself holds open from its first object on; an object that is awake holds as many. */
const NAMESPACE_FILES = 3;

/** Answers once all objects of a workerd are asleep, of so many namespaces, which had so many files open before there were any. */
export async function untilAsleep(workerd: Workerd, filesAtRest: number, namespaces = 1): Promise<void> {
  const end = performance.now() + SLEEP_MAX_MS;
  while (openFiles(pidOf(workerd)) > filesAtRest + namespaces * NAMESPACE_FILES) {
    if (performance.now() > end) {
      throw new Error("the objects don't go to sleep");
    }
    await setTimeout(50);
  }
}
