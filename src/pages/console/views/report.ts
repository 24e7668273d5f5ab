import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import {
  AppInstanceUserEndpointTypeSchema,
  FailureEffectSchema,
} from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { goTo } from "../../shared/views/focus.ts";
import type { Actions } from "../actions.ts";
import { CHOICES, EFFECTS, fieldOf, foretold, type Token, wordMeant } from "../failure.ts";
import type { KnownRoll } from "../roll.ts";
import { nameOf } from "../said.ts";
import { REPORTED_ID, type Reported, type State, WIRE_ID } from "../state.ts";
import { textIn } from "./caller.ts";

/** An hour: as long as a push may well have been on its way. */
const EARLIER_MS = 3_600_000;

/** A failed push to report, and what the last one did. */
export function reportView({ endpoints, particulars }: KnownRoll, state: State, actions: Actions): TemplateResult {
  const { failure, busy, reported } = state;
  const chosen = endpoints.find(({ endpointId }) => endpointId === failure.endpointId) ?? endpoints[0];
  if (chosen === undefined) {
    return html``;
  }
  const hasVoip = particulars.get(chosen.endpointId)?.endpointAttributes?.voipDeviceToken !== undefined;
  const edit = (changes: Partial<State["failure"]>) => actions.tokens.editFailure(changes);
  return html`
    <form class="register" aria-labelledby="report-title" @submit=${(event: Event) => {
      event.preventDefault();
      actions.tokens.report(chosen);
    }}>
      <h2 id="report-title">Report a failed push</h2>
      <div class="field wide">
        <label for="failed-endpoint">Endpoint</label>
        <select id="failed-endpoint" @change=${(event: Event) => edit({ endpointId: textIn(event), token: "device" })}>
          ${endpoints.map(
            (endpoint) => html`
              <option value=${endpoint.endpointId} .selected=${live(endpoint === chosen)}>${nameOf(endpoint)} (${
                AppInstanceUserEndpointTypeSchema.value[endpoint.type]?.localName
              })</option>`,
          )}
        </select>
      </div>
      ${tokenChoiceView(state, hasVoip, actions)}
      ${wordView(state, actions)}
      <fieldset class="field wide">
        <legend>The push was sent</legend>
        <div class="choices">
          <label class="choice"><input type="radio" name="at" .checked=${live(failure.at === "")}
            @change=${() => edit({ at: "" })}>just now</label>
          <label class="choice"><input type="radio" name="at" .checked=${live(failure.at !== "")}
            @change=${() => edit({ at: fieldOf(Date.now() - EARLIER_MS) })}>earlier</label>
        </div>
        ${
          failure.at === ""
            ? nothing
            : html`<input type="datetime-local" aria-label="When the push was sent" required .value=${live(failure.at)}
                @change=${(event: Event) => edit({ at: textIn(event) })}>`
        }
      </fieldset>
      <button class="primary" aria-busy=${busy.has("report")}>Report</button>
    </form>
    ${reported === undefined ? nothing : reportedView(reported, actions)}`;
}

function tokenChoiceView({ failure }: State, hasVoip: boolean, actions: Actions): TemplateResult {
  const tokens: [Token, string][] = [
    ["device", "its device token"],
    ...(hasVoip ? [["voip", "its VoIP token"] as [Token, string]] : []),
    ["other", "another"],
  ];
  return html`
    <fieldset class="field wide">
      <legend>Token</legend>
      <div class="choices">${tokens.map(
        ([token, label]) => html`
          <label class="choice"><input type="radio" name="token" .checked=${live(failure.token === token)}
            @change=${() => actions.tokens.editFailure({ token })}>${label}</label>`,
      )}</div>
      ${
        failure.token === "other"
          ? html`<input class="code" aria-label="Another token" autocomplete="off" spellcheck="false" required
              placeholder="the token that the push was sent to" .value=${live(failure.otherToken)}
              @input=${(event: InputEvent) => actions.tokens.editFailure({ otherToken: textIn(event) })}>`
          : nothing
      }
    </fieldset>`;
}

function wordView({ failure }: State, actions: Actions): TemplateResult {
  const { word, otherWord, token } = failure;
  const meant = wordMeant(failure);
  return html`
    <div class="field wide">
      <label for="word">The push service’s word</label>
      <select id="word" aria-describedby="word-note" @change=${(event: Event) => actions.tokens.editFailure({ word: textIn(event) })}>
        ${Object.entries(CHOICES).map(
          ([says, words]) => html`
            <optgroup label=${says}>${words.map(
              (each) => html`<option value=${each} .selected=${live(each === word)}>${each}</option>`,
            )}</optgroup>`,
        )}
        <option value="" .selected=${live(word === "")}>Another word</option>
      </select>
      ${
        word === ""
          ? html`<input class="code" aria-label="Another word" autocomplete="off" spellcheck="false" required maxlength="128"
              placeholder="as the push service said it" .value=${live(otherWord)}
              @input=${(event: InputEvent) => actions.tokens.editFailure({ otherWord: textIn(event) })}>`
          : nothing
      }
      <p class="note" id="word-note">${meant === "" ? "" : foretold(meant, token === "voip")}</p>
    </div>`;
}

function reportedView({ endpoint, reason, effect, isActive, entry }: Reported, actions: Actions): TemplateResult {
  return html`
    <div class="registered ${isActive ? "" : "is-bad"}" id=${REPORTED_ID}>
      <p>${nameOf(endpoint)}, <code>${reason}</code>: <span class="fact">${FailureEffectSchema.value[effect]?.localName}</span></p>
      <p>${EFFECTS[effect]}</p>
      <p class="actions"><a href="#${WIRE_ID}" @click=${goTo(WIRE_ID, () => actions.show({ shown: entry }))}>See the call</a></p>
    </div>`;
}
