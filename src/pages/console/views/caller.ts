import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { canSign, userOf } from "../../shared/caller.ts";
import type { Actions } from "../actions.ts";
import { claimsOf } from "../claims.ts";
import type { State } from "../state.ts";
import { whenView } from "./when.ts";

/** Whose endpoints, and by whose token. */
export function callerView(state: State, actions: Actions): TemplateResult {
  const { arn, token, busy } = state;
  return html`
    <form class="caller" aria-labelledby="caller-title" @submit=${(event: Event) => {
      event.preventDefault();
      actions.lookUp();
    }}>
      <h2 id="caller-title">User</h2>
      <label for="arn">AppInstanceUser ARN</label>
      <input id="arn" class="code" autocomplete="off" spellcheck="false" autocapitalize="off" required
        list="recent" placeholder="arn:aws:chime:REGION:ACCOUNT:app-instance/APP/user/USER"
        .value=${live(arn)} @input=${(event: InputEvent) => actions.show({ arn: textIn(event).trim() })}>
      <datalist id="recent">${[...state.recent].map((user) => html`<option value=${user}></option>`)}</datalist>
      <label for="token">Bearer token${state.settings.localMode ? html` <span class="optional">optional here</span>` : nothing}</label>
      <input id="token" class="code" type="password" autocomplete="off" spellcheck="false" aria-describedby="token-note"
        placeholder=${state.settings.localMode ? `made for ${userOf(arn) || "the user"} by this page` : ""}
        .value=${live(token)} @input=${(event: InputEvent) => actions.show({ token: textIn(event).trim() })}>
      <p id="token-note" class="note">${tokenNote(state)}</p>
      <button class="primary" aria-busy=${busy.has("look up")}>Look up</button>
    </form>`;
}

function tokenNote({ arn, token, settings }: State): TemplateResult | string {
  if (token === "" && settings.localTokens !== undefined) {
    return canSign()
      ? html`Local mode: without one, this page makes a token for <b>${userOf(arn) || "the user"}</b>, as
          <code>npm run token</code> does.`
      : html`This page can make one over https or on localhost only. Here, paste what <code>npm run token</code> prints.`;
  }
  const claims = claimsOf(token);
  if (token === "" || claims === undefined) {
    return "It stays in this page’s memory: nothing stores it, and it is gone with the tab.";
  }
  const { subject, expiresAt } = claims;
  return html`It says: ${subject === undefined ? "no subject" : html`<b>${subject}</b>`}${
    expiresAt === undefined
      ? nothing
      : html`, ${expiresAt < Date.now() ? "expired" : "good until"} ${whenView(expiresAt)}`
  }. It is gone with the tab.`;
}

export function textIn(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
