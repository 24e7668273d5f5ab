import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { userOf } from "../../shared/caller.ts";
import type { Actions } from "../actions.ts";
import type { State } from "../state.ts";
import { endpointView } from "./endpoint.ts";
import { tallyView } from "./tally.ts";

/** A user's endpoints. */
export function rollView(state: State, actions: Actions): TemplateResult {
  const { roll, settings } = state;
  const title = roll.kind === "unknown" ? "Endpoints" : html`Endpoints of <b>${userOf(roll.arn)}</b>`;
  return html`
    <section class="roll" aria-labelledby="roll-title">
      <h2 id="roll-title" tabindex="-1">${title}</h2>
      ${
        roll.kind === "unknown"
          ? html`<p class="quiet">Look a user up to see their endpoints.</p>`
          : roll.kind === "refused"
            ? html`<div class="refused"><p><strong>${roll.refusal.reason}</strong></p><p>${roll.refusal.message}</p></div>`
            : html`
                ${tallyView(roll.endpoints, settings.endpointsPerUser)}
                ${
                  roll.endpoints.length === 0
                    ? html`<p class="quiet">No endpoint is registered for this user. Register one below.</p>`
                    : nothing
                }
                <ul class="endpoints">
                  ${repeat(
                    roll.endpoints,
                    ({ endpointId }) => endpointId,
                    (endpoint) => html`<li>${endpointView(endpoint, state, actions)}</li>`,
                  )}
                </ul>`
      }
    </section>`;
}
