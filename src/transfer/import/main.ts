import { createReadStream, statSync } from "node:fs";
import { alone } from "../alone.ts";
import { callerOf } from "../caller.ts";
import { runToEnd } from "../run.ts";
import { stateFile } from "../state-file.ts";
import { type Doing, type Imported, importEndpoints } from "./import.ts";
import { linesOf } from "./lines.ts";
import { objectsOf } from "./objects.ts";
import { registrar } from "./register.ts";
import { IMPORT_USAGE, type ImportSettings, readImportSettings } from "./settings.ts";
import type { SourceRecord } from "./source-record.ts";
import { countOf, report, type Tally } from "./tally.ts";

export function main(args: readonly string[]): Promise<void> {
  return runToEnd(args, IMPORT_USAGE, async (signal) => {
    const settings = readImportSettings(args);
    const { file, isDryRun } = settings;
    const tally = isDryRun
      ? await importEndpoints(recordsOf(settings), settings, DRY_RUN, signal)
      : await alone(file, () => importOnce(settings, signal));
    console.log(report(tally, isDryRun));
    return countOf(tally.failed) > 0 ? 1 : 0;
  });
}

async function importOnce(settings: ImportSettings, signal: AbortSignal): Promise<Tally> {
  const doing = reallyDoing(settings, signal);
  const before = doing.state.read();
  if (before?.isDone) {
    console.error(
      `${settings.file} is imported already. To import it again, remove ${doing.state.path}. What the import did then:`,
    );
    return before.tally;
  }
  return importEndpoints(recordsOf(settings), settings, doing, signal);
}

const DRY_RUN: Doing = { register: async () => ({ kind: "registered" }), state: undefined };

function reallyDoing({ file, isDryRun: _, url, perSecond, ...mapping }: ImportSettings, signal: AbortSignal) {
  const { size } = statSync(file);
  return {
    register: registrar(callerOf(url, process.env), perSecond, signal),
    state: stateFile<Imported>(`${file}.state`, { url, size, ...mapping }),
  };
}

function recordsOf({ file, format }: ImportSettings): AsyncIterable<SourceRecord> {
  const chunks: AsyncIterable<string> = createReadStream(file, { encoding: "utf8" });
  return format === "sns" ? objectsOf(chunks) : linesOf(chunks);
}
