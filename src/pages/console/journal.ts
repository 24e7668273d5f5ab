import type { DescMessage } from "@bufbuild/protobuf";
import type { Call } from "../shared/api/call.ts";
import { callConnect, type Outcome } from "../shared/api/connect.ts";
import type { Credentials } from "../shared/api/credentials.ts";
import { callerOf } from "../shared/caller.ts";
import type { Entry } from "./state.ts";
import type { Store } from "./store.ts";

/** Entries beyond these are forgotten, the oldest first. */
const ENTRIES_MAX = 40;

/** Makes the caller's calls, and keeps what was called and answered. */
export class Journal {
  readonly #store: Store;
  #lastId = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  credentialsFor(arn: string): Promise<Credentials> {
    const { token, settings } = this.#store.state;
    return callerOf(arn, token, settings);
  }

  /** Makes a call about a user in the caller's name, and shows it. */
  async perform<Output extends DescMessage>(
    title: string,
    arn: string,
    call: Call<Output>,
  ): Promise<{ outcome: Outcome<Output>; entry: Entry }> {
    const credentials = await this.credentialsFor(arn);
    const outcome = await callConnect(call, credentials);
    const { exchange, refusal } = outcome;
    const entry = this.add({ title, call, credentials, refusal, isTampered: false, exchanges: [exchange] });
    return { outcome, entry };
  }

  /** The same without showing it. */
  async ask<Output extends DescMessage>(arn: string, call: Call<Output>): Promise<Outcome<Output>> {
    return callConnect(call, await this.credentialsFor(arn));
  }

  add(told: Omit<Entry, "id">): Entry {
    this.#lastId++;
    const entry = { ...told, id: this.#lastId };
    const entries = [entry, ...this.#store.state.entries].slice(0, ENTRIES_MAX);
    this.#store.update({ entries, shown: entry.id });
    return entry;
  }

  /** Adds to an entry what came to be known since. */
  amend(entry: Entry, more: Partial<Entry>): Entry {
    const amended = { ...entry, ...more };
    const entries = this.#store.state.entries.map((other) => (other.id === entry.id ? amended : other));
    this.#store.update({ entries });
    return amended;
  }
}
