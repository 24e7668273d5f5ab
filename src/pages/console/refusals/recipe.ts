import type { PageSettings } from "../../../worker/model/page-settings.ts";
import type { Call } from "../../shared/api/call.ts";
import type { Tamper } from "../../shared/api/connect.ts";
import type { Credentials } from "../../shared/api/credentials.ts";
import type { Wire } from "../../shared/api/exchange.ts";

/** How a refusal is provoked. */
export interface Recipe {
  /** The stable reason: see docs/errors.md. */
  readonly reason: string;
  /** What is done, to be refused. */
  readonly does: string;
  /** What it registers meanwhile; it is gone afterwards. Absent: nothing. */
  readonly writes?: string;
  readonly localModeOnly?: boolean;
  prepare(bench: Bench): Promise<Provocation> | Provocation;
}

/** A call that is to be refused, over both wires. */
export interface Provocation {
  readonly call: Call;
  /** The caller's own unless it is about them. */
  readonly credentials?: Credentials;
  readonly tamper?: Readonly<Record<Wire, Tamper>>;
  /** How many calls to make at once over each wire; the first that is refused is shown. Absent: one. */
  readonly flood?: number;
  readonly note?: string;
}

/** What a recipe is prepared with. */
export interface Bench {
  readonly arn: string;
  readonly resourceArn: string;
  readonly settings: PageSettings;
  /** Registers a made-up device, muted, and answers its id. It is deregistered once the refusal came. */
  register(device: { readonly deviceToken: string; readonly requestToken: string }): Promise<string>;
  /** The same with as many others. */
  registerMore(devices: number): Promise<void>;
  deregister(endpointId: string): Promise<void>;
  slotsUsed(): Promise<number>;
  /** A token of local mode for the user that has expired. */
  expiredToken(): Promise<string>;
}

/** Why a refusal can't be provoked just now, for people. */
export class CannotProvoke extends Error {}
