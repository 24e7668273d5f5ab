import { timestampMs } from "@bufbuild/protobuf/wkt";
import { html, nothing, type TemplateResult } from "lit-html";
import {
  AllowMessages,
  type AppInstanceUserEndpoint,
  type AppInstanceUserEndpointSummary,
  AppInstanceUserEndpointTypeSchema,
  EndpointStatus,
  EndpointStatusReason,
  EndpointStatusReasonSchema,
  EndpointStatusSchema,
} from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { focusLater } from "../../shared/views/focus.ts";
import { type Actions, nameOf } from "../actions.ts";
import { madeAt } from "../replay.ts";
import type { State } from "../state.ts";
import { whenView } from "./when.ts";

/** One endpoint: what it is, what can be done with it, and what Describe tells once asked. */
export function endpointView(endpoint: AppInstanceUserEndpointSummary, state: State, actions: Actions): TemplateResult {
  const { endpointId, type } = endpoint;
  const registeredAt = madeAt(endpointId);
  const described = state.described.get(endpointId);
  return html`
    <article class="endpoint" aria-labelledby="name-${endpointId}">
      <div class="endpoint-head">
        ${state.renaming === endpointId ? renameView(endpoint, actions) : nameView(endpoint)}
        <p class="facts"><span class="fact">${AppInstanceUserEndpointTypeSchema.value[type]?.localName}</span> ${stateView(endpoint)}</p>
      </div>
      <p class="id"><code>${endpointId}</code>${
        registeredAt === undefined ? nothing : html` <span>registered ${whenView(registeredAt)}</span>`
      }</p>
      ${described === undefined ? nothing : detailsView(described)}
      ${actionsView(endpoint, described !== undefined, state, actions)}
    </article>`;
}

function nameView({ name, endpointId }: AppInstanceUserEndpointSummary): TemplateResult {
  return html`<h3 id="name-${endpointId}">${name ? name : html`<span class="quiet">No name</span>`}</h3>`;
}

function stateView({ allowMessages, endpointState }: AppInstanceUserEndpointSummary): TemplateResult {
  const status = endpointState?.status ?? EndpointStatus.UNSPECIFIED;
  const reason = endpointState?.statusReason ?? EndpointStatusReason.UNSPECIFIED;
  const isActive = status === EndpointStatus.ACTIVE;
  return html`
    <span class="fact ${isActive ? "good" : "bad"}">${EndpointStatusSchema.value[status]?.localName}${
      reason === EndpointStatusReason.UNSPECIFIED ? nothing : `: ${EndpointStatusReasonSchema.value[reason]?.localName}`
    }</span>
    ${allowMessages === AllowMessages.NONE ? html`<span class="fact swatch">muted</span>` : nothing}`;
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
}: AppInstanceUserEndpoint): TemplateResult {
  const voip = endpointAttributes?.voipDeviceToken;
  return html`
    <dl class="details">
      <dt>Resource</dt><dd><code>${resourceArn}</code></dd>
      <dt>Device token</dt><dd><code>${endpointAttributes?.deviceToken}</code></dd>
      ${voip === undefined ? nothing : html`<dt>VoIP device token</dt><dd><code>${voip}</code></dd>`}
      <dt>Created</dt><dd>${createdTimestamp && whenView(timestampMs(createdTimestamp))}</dd>
      <dt>Last updated</dt><dd>${lastUpdatedTimestamp && whenView(timestampMs(lastUpdatedTimestamp))}</dd>
    </dl>`;
}
