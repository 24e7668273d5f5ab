import { timestampMs } from "@bufbuild/protobuf/wkt";
import { html, nothing, type TemplateResult } from "lit-html";
import {
  AllowMessages,
  type AppInstanceUserEndpoint,
  type AppInstanceUserEndpointSummary,
  AppInstanceUserEndpointTypeSchema,
} from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { focusLater } from "../../shared/views/focus.ts";
import type { Actions } from "../actions.ts";
import { whyInactive } from "../left-out.ts";
import { madeAt } from "../replay.ts";
import { nameOf } from "../said.ts";
import type { State } from "../state.ts";
import { isInactive, stateView } from "./state.ts";
import { newTokenId, tokenButtonId, tokenView } from "./token.ts";
import { agoView, whenView } from "./when.ts";

/** One endpoint: what it is, what can be done with it, and what Describe tells once asked. */
export function endpointView(endpoint: AppInstanceUserEndpointSummary, state: State, actions: Actions): TemplateResult {
  const { endpointId, type } = endpoint;
  const described = state.described.get(endpointId);
  return html`
    <article class="endpoint" aria-labelledby="name-${endpointId}">
      <div class="endpoint-head">
        ${state.renaming === endpointId ? renameView(endpoint, actions) : nameView(endpoint)}
        <p class="facts"><span class="fact">${AppInstanceUserEndpointTypeSchema.value[type]?.localName}</span> ${stateView(endpoint)}</p>
      </div>
      <p class="id"><code>${endpointId}</code> ${timesView(endpoint, state)}</p>
      ${isInactive(endpoint) ? inactiveView(endpoint, state, actions) : nothing}
      ${described === undefined ? nothing : detailsView(described)}
      ${state.naming === endpointId ? tokenView(endpoint, state, actions) : actionsView(endpoint, described !== undefined, state, actions)}
    </article>`;
}

function nameView({ name, endpointId }: AppInstanceUserEndpointSummary): TemplateResult {
  return html`<h3 id="name-${endpointId}">${name ? name : html`<span class="quiet">No name</span>`}</h3>`;
}

function timesView({ endpointId }: AppInstanceUserEndpointSummary, { roll }: State): TemplateResult {
  const registeredAt = madeAt(endpointId);
  const known = roll.kind === "known" ? roll.particulars.get(endpointId) : undefined;
  const confirmedAt = known?.deviceTokenTimestamp;
  return html`
    ${registeredAt === undefined ? nothing : html`<span>registered ${agoView(registeredAt)}</span>`}
    ${confirmedAt === undefined ? nothing : html`<span>token confirmed ${agoView(timestampMs(confirmedAt))}</span>`}`;
}

function inactiveView(
  endpoint: AppInstanceUserEndpointSummary,
  { busy, settings }: State,
  actions: Actions,
): TemplateResult {
  return html`
    <p class="inactive">
      <span>Nothing is sent to it: ${whyInactive(settings)}. Its app makes it ACTIVE again when it is next launched.</span>
      <button aria-busy=${busy.has(endpoint.endpointId)} aria-label="Register again ${nameOf(endpoint)}"
        @click=${() => actions.tokens.registerAgain(endpoint)}>Register again</button>
    </p>`;
}

function actionsView(
  endpoint: AppInstanceUserEndpointSummary,
  isDescribed: boolean,
  state: State,
  actions: Actions,
): TemplateResult {
  const { endpointId } = endpoint;
  const isMuted = endpoint.allowMessages === AllowMessages.NONE;
  const isBusy = state.busy.has(endpointId);
  const button = (label: string, act: () => void) => html`
    <button aria-busy=${isBusy} aria-label="${label} ${nameOf(endpoint)}" @click=${act}>${label}</button>`;
  return html`
    <p class="actions">
      ${button(isMuted ? "Unmute" : "Mute", () => actions.setMuted(endpoint, !isMuted))}
      <button id="rename-${endpointId}" aria-label="Rename ${nameOf(endpoint)}" @click=${() => {
        actions.show({ renaming: endpointId });
        focusLater(`new-name-${endpointId}`);
      }}>Rename</button>
      <button id=${tokenButtonId(endpointId)} aria-label="Token of ${nameOf(endpoint)}" @click=${() => {
        actions.show({ naming: endpointId });
        focusLater(newTokenId(endpointId));
      }}>Token</button>
      ${button(isDescribed ? "Less" : "Details", () =>
        isDescribed ? actions.forgetDetails(endpoint) : actions.describe(endpoint),
      )}
      <button class="danger" id="deregister-${endpointId}" aria-label="Deregister ${nameOf(endpoint)}" @click=${() =>
        actions.show({ leaving: endpoint })}>Deregister</button>
    </p>`;
}

function renameView(endpoint: AppInstanceUserEndpointSummary, actions: Actions): TemplateResult {
  const { endpointId, name = "" } = endpoint;
  const id = `new-name-${endpointId}`;
  const end = () => {
    actions.show({ renaming: undefined });
    focusLater(`rename-${endpointId}`);
  };
  return html`
    <form class="rename" @submit=${async (event: Event) => {
      event.preventDefault();
      await actions.rename(endpoint, (document.getElementById(id) as HTMLInputElement).value);
      focusLater(`rename-${endpointId}`);
    }} @keydown=${(event: KeyboardEvent) => event.key === "Escape" && end()}>
      <h3 class="hidden" id="name-${endpointId}">${nameOf(endpoint)}</h3>
      <label for=${id}>New name</label>
      <input id=${id} maxlength="1600" autocomplete="off" .value=${name}>
      <button class="primary">Save</button>
      <button type="button" @click=${end}>Cancel</button>
    </form>`;
}

function detailsView({
  resourceArn,
  endpointAttributes,
  createdTimestamp,
  lastUpdatedTimestamp,
  deviceTokenTimestamp,
}: AppInstanceUserEndpoint): TemplateResult {
  const voip = endpointAttributes?.voipDeviceToken;
  return html`
    <dl class="details">
      <dt>Resource</dt><dd><code>${resourceArn}</code></dd>
      <dt>Device token</dt><dd><code>${endpointAttributes?.deviceToken}</code></dd>
      ${voip === undefined ? nothing : html`<dt>VoIP device token</dt><dd><code>${voip}</code></dd>`}
      <dt>Created</dt><dd>${createdTimestamp && whenView(timestampMs(createdTimestamp))}</dd>
      <dt>Last updated</dt><dd>${lastUpdatedTimestamp && whenView(timestampMs(lastUpdatedTimestamp))}</dd>
      <dt>Token confirmed</dt><dd>${deviceTokenTimestamp && whenView(timestampMs(deviceTokenTimestamp))}</dd>
    </dl>`;
}
