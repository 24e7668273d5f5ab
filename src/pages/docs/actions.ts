import type { Operation } from "../../worker/transport/operations.ts";
import { userIn } from "../shared/api/call.ts";
import { isOk } from "../shared/api/exchange.ts";
import { restRequest } from "../shared/api/rest.ts";
import { send } from "../shared/api/send.ts";
import { callerOf } from "../shared/caller.ts";
import { revealLater } from "../shared/views/focus.ts";
import { callIn } from "./call.ts";
import { fresh, type Outcome, parsed, REGISTER, registered, type State, withMembers } from "./state.ts";

/** What a reader can do, each a method. */
export class Actions {
  #state: State;
  readonly #onChange: (state: State) => void;

  constructor(state: State, onChange: (state: State) => void) {
    this.#state = state;
    this.#onChange = onChange;
  }

  show(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
    this.#onChange(this.#state);
  }

  edit({ name }: Operation, request: string): void {
    this.show({ requests: { ...this.#state.requests, [name]: request } });
  }

  /** Makes a call over REST, and hands what it answers on to the requests of the other operations. */
  async send(operation: Operation): Promise<void> {
    const { name } = operation;
    const { requests, token, settings } = this.#state;
    const call = callIn(operation, requests[name] ?? "");
    if (typeof call === "string") {
      this.#came(name, { unsent: call }, call);
      return;
    }
    const credentials = await callerOf(userIn(call), token, settings);
    const exchange = await send("REST", restRequest(call), credentials);
    this.#came(name, { exchange }, `${name}: ${exchange.answer?.status ?? "no answer"}.`);
    if (isOk(exchange)) {
      const { EndpointId } = parsed(exchange.answer?.body ?? "") ?? {};
      const { EndpointAttributes } = parsed(requests[name] ?? "") ?? {};
      const { DeviceToken } = (EndpointAttributes ?? {}) as Record<string, unknown>;
      this.show({
        requests: withMembers(this.#state.requests, (other, request) =>
          name === REGISTER && other !== REGISTER
            ? registered(request, { EndpointId, DeviceToken })
            : name.startsWith("Deregister") && other === REGISTER
              ? fresh()
              : {},
        ),
      });
    }
  }

  #came(name: string, outcome: Outcome, said: string): void {
    this.show({ outcomes: { ...this.#state.outcomes, [name]: outcome }, said });
    revealLater(`outcome-${name}`);
  }
}
