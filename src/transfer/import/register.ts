import { RollcallError } from "../../client/index.ts";
import { timeOf } from "../../worker/core/endpoint-id.ts";
import type { Caller } from "../caller.ts";
import { Stopped, stopFor, whyFailed } from "../stopped.ts";
import { pace } from "./pace.ts";
import type { Registration } from "./read.ts";
import { requestOf } from "./registration.ts";
import type { Outcome } from "./tally.ts";

/** Where so many in a row fail by what is no fault of theirs, the others will too. */
const FAILED_IN_A_ROW_MAX = 100;

/** How exactly the server's time is known. */
const CLOCK_SLACK_MS = 2_000;

export type Register = (registration: Registration) => Promise<Outcome>;

/** Answers what registers, at its pace, and throws Stopped where there is no sense in going on. */
export function registrar({ rollcall, serverNow }: Caller, perSecond: number, signal: AbortSignal): Register {
  const turn = pace(perSecond, signal);
  let failedInARow = 0;
  return async (registration) => {
    await turn();
    // A replay is answered like a registration, but its id has an earlier time in it.
    const before = serverNow() - CLOCK_SLACK_MS;
    try {
      const { endpointId } = await rollcall.registerAppInstanceUserEndpoint(requestOf(registration), { signal });
      failedInARow = 0;
      return { kind: timeOf(endpointId) < before ? "already_there" : "registered" };
    } catch (error) {
      if (!(error instanceof RollcallError)) {
        throw error;
      }
      const outcome = outcomeOf(error);
      failedInARow = isOfThisOne(error) ? 0 : failedInARow + 1;
      if (failedInARow >= FAILED_IN_A_ROW_MAX) {
        throw new Stopped(`${FAILED_IN_A_ROW_MAX} calls in a row failed, the last with ${whyFailed(error)}`);
      }
      return outcome;
    }
  };
}

function outcomeOf(error: RollcallError): Outcome {
  const { failure } = error;
  switch (failure.kind) {
    case "conflict":
      return conflict(failure.reason);
    case "invalid":
    case "limit_exceeded":
    case "forbidden":
    case "throttled":
    case "unavailable":
    case "too_large":
    case "internal":
      return { kind: "failed", why: failure.reason ?? failure.kind };
    default:
      return stopFor(error);
  }
}

function conflict(reason: string | undefined): Outcome {
  switch (reason) {
    case "DEVICE_ALREADY_REGISTERED":
      return { kind: "already_there" };
    case "ENDPOINT_DEREGISTERED":
      return { kind: "left_out", why: "it was imported, and deregistered since" };
    default:
      return { kind: "failed", why: reason ?? "conflict" };
  }
}

function isOfThisOne({ failure: { kind } }: RollcallError): boolean {
  return kind === "conflict" || kind === "invalid" || kind === "limit_exceeded" || kind === "too_large";
}
