import { whenToldToEnd } from "../command/ending/when-told.ts";
import { answerHelp } from "../command/help.ts";
import { ConfigError } from "../worker/model/config-error.ts";
import { Stopped } from "./stopped.ts";

/** Runs a command until it is done, can't go on, or is told to end. Its exit code is what `work` answers, 1, or 2 for how it was called. */
export async function runToEnd(
  args: readonly string[],
  usage: string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<void> {
  answerHelp(args, usage);
  const ending = new AbortController();
  whenToldToEnd(() => ending.abort());
  try {
    process.exitCode = await work(ending.signal);
  } catch (error) {
    if (!(error instanceof Error && isExpected(error))) {
      throw error;
    }
    console.error(error.message);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}

/** That a file is not there or a disk is full is no bug. */
function isExpected(error: Error): boolean {
  return (
    error instanceof Stopped || error instanceof ConfigError || (error as NodeJS.ErrnoException).syscall !== undefined
  );
}
