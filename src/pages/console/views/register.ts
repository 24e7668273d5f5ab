import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { madeUpDeviceToken, newRequestToken } from "../../shared/made-up.ts";
import { goTo } from "../../shared/views/focus.ts";
import type { Actions } from "../actions.ts";
import { isReplay, type Replay } from "../replay.ts";
import { type Draft, REGISTERED_ID, type Registration, type State, WIRE_ID } from "../state.ts";
import { textIn } from "./caller.ts";

const TYPES: Readonly<Record<Draft["type"], string>> = {
  GCM: "GCM (Firebase)",
  APNS: "APNS",
  APNS_SANDBOX: "APNS sandbox",
};

/** A registration to write and to send, and what became of the last one. */
export function registerView(state: State, actions: Actions): TemplateResult {
  const { draft, busy, registered } = state;
  const field = (name: "name" | "resourceArn" | "deviceToken" | "voipDeviceToken" | "requestToken") => ({
    value: live(draft[name]),
    edit: (event: InputEvent) => actions.edit({ [name]: textIn(event) }),
  });
  const [name, resourceArn] = [field("name"), field("resourceArn")];
  const [deviceToken, voip, requestToken] = [field("deviceToken"), field("voipDeviceToken"), field("requestToken")];
  return html`
    <form class="register" aria-labelledby="register-title" @submit=${(event: Event) => {
      event.preventDefault();
      actions.register();
    }}>
      <h2 id="register-title">Register an endpoint</h2>
      <div class="field wide">
        <label for="name">Name <span class="optional">optional</span></label>
        <input id="name" autocomplete="off" maxlength="1600" .value=${name.value} @input=${name.edit}>
      </div>
      <fieldset class="field wide">
        <legend>Type</legend>
        <div class="choices">${Object.entries(TYPES).map(
          ([type, label]) => html`
            <label class="choice"><input type="radio" name="type" .checked=${live(draft.type === type)}
              @change=${() => actions.edit({ type: type as Draft["type"] })}>${label}</label>`,
        )}</div>
      </fieldset>
      <div class="field wide">
        <label for="resource-arn">Resource ARN</label>
        <input id="resource-arn" class="code" autocomplete="off" spellcheck="false" required
          placeholder="arn:aws:mobiletargeting:REGION:ACCOUNT:apps/APP" .value=${resourceArn.value} @input=${resourceArn.edit}>
      </div>
      <div class="field wide">
        <label for="device-token">Device token</label>
        <span class="with-button">
          <input id="device-token" class="code" autocomplete="off" spellcheck="false" required
            .value=${deviceToken.value} @input=${deviceToken.edit}>
          <button type="button" @click=${() => actions.edit({ deviceToken: madeUpDeviceToken() })}>Make one up</button>
        </span>
      </div>
      <div class="field wide">
        <label for="request-token">Request token</label>
        <span class="with-button">
          <input id="request-token" class="code" autocomplete="off" spellcheck="false" required aria-describedby="request-token-note"
            .value=${requestToken.value} @input=${requestToken.edit}>
          <button type="button" @click=${() => actions.edit({ requestToken: newRequestToken() })}>New one</button>
        </span>
        <p class="note" id="request-token-note">One for each registration. A repeat with the same one registers nothing.</p>
      </div>
      <div class="field">
        <label for="voip-device-token">VoIP device token <span class="optional">optional</span></label>
        <input id="voip-device-token" class="code" autocomplete="off" spellcheck="false" .value=${voip.value} @input=${voip.edit}>
      </div>
      <label class="choice muted-choice"><input type="checkbox" .checked=${live(draft.muted)}
        @change=${(event: Event) => actions.edit({ muted: (event.target as HTMLInputElement).checked })}>Muted from the start</label>
      <button class="primary" aria-busy=${busy.has("register")}>Register</button>
    </form>
    ${registered === undefined ? nothing : registeredView(registered, state, actions)}`;
}

function registeredView(registration: Registration, { busy }: State, actions: Actions): TemplateResult {
  const { first, replay, entry } = registration;
  return html`
    <div class="registered" id=${REGISTERED_ID}>
      <p>${outcomeView(first.endpointId, replay)}</p>
      <p class="actions">
        <button aria-busy=${busy.has("replay")} @click=${() => actions.replay(registration)}>Replay this call</button>
        <a href="#${WIRE_ID}" @click=${goTo(WIRE_ID, () => actions.show({ shown: entry }))}>${replay === undefined ? "See the call" : "See both side by side"}</a>
      </p>
    </div>`;
}

function outcomeView(endpointId: string, replay: Replay | undefined): TemplateResult {
  if (replay === undefined) {
    return html`Registered as <code>${endpointId}</code>.`;
  }
  return isReplay(replay)
    ? html`A replay: <code>${endpointId}</code> again, and nothing was registered.`
    : html`No replay: registered anew, as <code>${replay.again.endpointId}</code>.`;
}
