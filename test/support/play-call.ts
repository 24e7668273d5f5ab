import type { Row } from "../../src/worker/model/endpoint.ts";
import type { HistoryCall, HistoryFailure } from "./history.ts";
import type { ReferenceRegister, Told } from "./reference.ts";
import { asked, type Failed } from "./requests.ts";

/** What a call of a history depends on besides itself. */
export interface Circumstances {
  readonly now: number;
  /** Of the endpoint that a registration makes, if it makes one. */
  readonly newId: string;
  /** The id of the endpoint after which n were made. */
  readonly named: (endpoint: number) => string;
  /** The endpoint that a list which goes on goes on after. */
  readonly after?: string | undefined;
  /** The tokens of endpoints, as whoever sends pushes knows them. */
  readonly tokens: KnownTokens;
}

/** What an endpoint's tokens were whenever somebody looked. */
export class KnownTokens {
  readonly #seen = new Map<string, { devices: string[]; voip?: string }>();

  look(rows: readonly Row[]): void {
    for (const row of rows.filter((row) => row.state === "live")) {
      const { devices, voip } = this.#seen.get(row.endpointId) ?? { devices: [], voip: undefined };
      const seen = [...devices.filter((token) => token !== row.deviceToken), row.deviceToken];
      const voipNow = row.voipDeviceToken ?? voip;
      this.#seen.set(row.endpointId, { devices: seen, ...(voipNow !== undefined && { voip: voipNow }) });
    }
  }

  of(endpointId: string, which: HistoryFailure["token"]): string {
    const { devices = [], voip } = this.#seen.get(endpointId) ?? {};
    const token = { latest: devices.at(-1), former: devices.at(-2), voip, strange: undefined }[which];
    return token ?? "strange";
  }
}

/** What is reported of a push that failed. */
export function failedOf(
  { endpoint, token, isUpperCase, reason, agoMs }: HistoryFailure,
  { now, named, tokens }: Pick<Circumstances, "now" | "named" | "tokens">,
): Failed {
  const endpointId = named(endpoint);
  const known = tokens.of(endpointId, token);
  return { endpointId, deviceToken: isUpperCase ? known.toUpperCase() : known, reason, at: now - agoMs };
}

/** Plays a call on the reference, and tells what comes of it. */
export function playCall(reference: ReferenceRegister, call: HistoryCall, circumstances: Circumstances): Told {
  const { now, newId, named, after } = circumstances;
  switch (call.call) {
    case "register":
      return reference.register(asked(call.request), now, newId);
    case "update": {
      const { call: _, endpoint, ...changes } = call;
      return reference.update(named(endpoint), changes, now);
    }
    case "describe":
      return reference.describe(named(call.endpoint));
    case "deregister":
      reference.deregister(named(call.endpoint), now);
      return "ok";
    case "erase":
      return reference.erase(now);
    case "list":
      return reference.list(call.maxResults, call.goesOn ? after : undefined);
    case "resolve":
      return reference.resolve(call.resourceArn, now);
    case "report":
      return reference.report(
        call.failures.map((failure) => failedOf(failure, circumstances)),
        now,
      );
  }
}
