import type { DescMessage } from "@bufbuild/protobuf";
import type { AppInstanceUserEndpointSummary } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { type Call, listCall } from "../shared/api/call.ts";
import { callConnect, type Outcome } from "../shared/api/connect.ts";
import type { Credentials } from "../shared/api/credentials.ts";
import { callerOf } from "../shared/caller.ts";
import type { Entry, Roll } from "./state.ts";
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

  /** Takes the roll of a user: asks for all endpoints. Only the first page is shown as a call, and that only if asked. */
  async takeRoll(arn: string, { show }: { show: boolean }): Promise<Roll> {
    const credentials = await this.credentialsFor(arn);
    const endpoints: AppInstanceUserEndpointSummary[] = [];
    let nextToken = "";
    do {
      const call = listCall({ appInstanceUserArn: arn, nextToken });
      const { exchange, response, refusal } = await callConnect(call, credentials);
      if (show && nextToken === "") {
        this.add({ title: "List", call, credentials, refusal, isTampered: false, exchanges: [exchange] });
      }
      if (refusal !== undefined) {
        return { kind: "refused", arn, refusal };
      }
      endpoints.push(...response.appInstanceUserEndpoints);
      nextToken = response.nextToken;
    } while (nextToken !== "");
    return { kind: "known", arn, endpoints };
  }
}
