import { html, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { AppInstanceUserEndpointSummary } from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { madeUpDeviceToken } from "../../shared/made-up.ts";
import { focusLater } from "../../shared/views/focus.ts";
import type { Actions } from "../actions.ts";
import { nameOf } from "../said.ts";
import type { State } from "../state.ts";
import { textIn } from "./caller.ts";

/** What an app says of its token by an update: that it is the same, or another. */
export function tokenView(endpoint: AppInstanceUserEndpointSummary, state: State, actions: Actions): TemplateResult {
  const { endpointId } = endpoint;
  const isBusy = state.busy.has(endpointId);
  const id = newTokenId(endpointId);
  const end = () => {
    actions.show({ naming: undefined });
    focusLater(tokenButtonId(endpointId));
  };
  const act = async (made: Promise<void>) => {
    await made;
    focusLater(tokenButtonId(endpointId));
  };
  return html`
    <form class="naming" aria-label="Token of ${nameOf(endpoint)}" @submit=${(event: Event) => {
      event.preventDefault();
      act(actions.tokens.rotate(endpoint, state.newToken));
    }} @keydown=${(event: KeyboardEvent) => event.key === "Escape" && end()}>
      <label for=${id}>New device token</label>
      <span class="with-button">
        <input id=${id} class="code" autocomplete="off" spellcheck="false" required
          .value=${live(state.newToken)} @input=${(event: InputEvent) => actions.show({ newToken: textIn(event) })}>
        <button type="button" @click=${() => actions.show({ newToken: madeUpDeviceToken() })}>Make one up</button>
      </span>
      <p class="actions">
        <button class="primary" aria-busy=${isBusy}>Rotate</button>
        <button type="button" aria-busy=${isBusy} @click=${() => act(actions.tokens.confirm(endpoint))}>Confirm the present one</button>
        <button type="button" @click=${end}>Cancel</button>
      </p>
      <p class="note">By an update, as the app does when it is launched.</p>
    </form>`;
}

/** The field of the new token. */
export function newTokenId(endpointId: string): string {
  return `new-token-${endpointId}`;
}

/** The button that opens this. */
export function tokenButtonId(endpointId: string): string {
  return `token-${endpointId}`;
}
