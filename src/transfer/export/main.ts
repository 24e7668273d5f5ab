import { thousands } from "../../command/progress.ts";
import { alone } from "../alone.ts";
import { callerOf } from "../caller.ts";
import { runToEnd } from "../run.ts";
import { exportEndpoints } from "./export.ts";
import { EXPORT_USAGE, readExportSettings } from "./settings.ts";
import { sinkOf } from "./sink.ts";

export function main(args: readonly string[]): Promise<void> {
  return runToEnd(args, EXPORT_USAGE, async (signal) => {
    const settings = readExportSettings(args, process.stdout.isTTY);
    const caller = callerOf(settings.url, process.env);
    const run = async () => exportEndpoints(caller, settings, await sinkOf(settings), signal);
    const { written, gone } = await (settings.out === undefined ? run() : alone(settings.out, run));
    const left = gone > 0 ? `; ${thousands(gone)} more were deregistered while it ran` : "";
    console.error(`Wrote ${thousands(written)} endpoints${left}.`);
    return 0;
  });
}
