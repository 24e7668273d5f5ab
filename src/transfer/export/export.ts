import { RollcallError } from "../../client/index.ts";
import { sayProgress, thousands } from "../../command/progress.ts";
import { CALLS_AT_ONCE, type Caller } from "../caller.ts";
import { lineOf } from "../line.ts";
import { inParallel } from "../parallel.ts";
import { Stopped, stopFor } from "../stopped.ts";
import type { ExportSettings } from "./settings.ts";
import type { Exported, Sink } from "./sink.ts";

/** How many endpoints are listed at a time. What was written of a page is written again by a run that goes on. */
const PAGE_ENDPOINTS = 100;

type Held = { readonly appInstanceUserArn: string; readonly endpointId: string };

/** Writes all endpoints of an app instance, page by page. Throws Stopped where it can't go on. */
export async function exportEndpoints(
  { rollcall }: Pick<Caller, "rollcall">,
  { appInstanceArn }: ExportSettings,
  sink: Sink,
  signal: AbortSignal,
): Promise<Exported> {
  let exported = sink.begin;
  const stopSaying = sayProgress(() => `${thousands(exported.written)} endpoints`);
  try {
    do {
      const { nextToken, written, gone } = exported;
      const request = { appInstanceArn, maxResults: PAGE_ENDPOINTS, nextToken };
      const page = await rollcall.listEndpointsByAppInstance(request, { signal });
      const lines = await described(rollcall, page.endpoints, signal);
      exported = {
        nextToken: page.nextToken,
        written: written + lines.length,
        gone: gone + page.endpoints.length - lines.length,
      };
      await sink.append(lines.join(""), exported);
    } while (exported.nextToken !== "");
  } catch (error) {
    throw hasNoDirectory(error) ? new Stopped(NO_DIRECTORY) : stopFor(error);
  } finally {
    stopSaying();
  }
  return exported;
}

/** In the order listed, without those that are gone since. */
async function described(
  rollcall: Caller["rollcall"],
  endpoints: readonly Held[],
  signal: AbortSignal,
): Promise<string[]> {
  const lines: string[] = [];
  await inParallel(endpoints, CALLS_AT_ONCE, async ({ appInstanceUserArn, endpointId }, index) => {
    try {
      const request = { appInstanceUserArn, endpointId };
      const { appInstanceUserEndpoint } = await rollcall.describeAppInstanceUserEndpoint(request, { signal });
      if (appInstanceUserEndpoint !== undefined) {
        lines[index] = lineOf(appInstanceUserEndpoint);
      }
    } catch (error) {
      if (!(error instanceof RollcallError && error.failure.kind === "not_found")) {
        throw error;
      }
    }
  });
  return lines.filter((line) => line !== undefined);
}

const NO_DIRECTORY =
  "The server keeps no Directory of devices, and without one it can't say which endpoints there are. Set DEVICES there " +
  "(docs/devices.md): endpoints are listed from their next launch on.";

function hasNoDirectory(error: unknown): boolean {
  return (
    error instanceof RollcallError &&
    error.failure.kind === "unimplemented" &&
    error.failure.reason === "DIRECTORY_NOT_CONFIGURED"
  );
}
