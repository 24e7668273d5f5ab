import { timestampMs } from "@bufbuild/protobuf/wkt";
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { AppInstanceUserEndpointSummary } from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { PageSettings } from "../../../worker/model/page-settings.ts";
import { userOf } from "../../shared/caller.ts";
import type { Actions } from "../actions.ts";
import { type LeftOut, leftOutFor, whyInactive } from "../left-out.ts";
import type { KnownRoll, Sending } from "../roll.ts";
import { nameOf } from "../said.ts";
import type { State } from "../state.ts";
import { textIn } from "./caller.ts";
import { reportView } from "./report.ts";
import { agoView } from "./when.ts";

const DAY_MS = 86_400_000;

/** What a sender is answered about a user, and what a sender reports. */
export function sendingView(state: State, actions: Actions): TemplateResult {
  const { roll } = state;
  const title =
    roll.kind === "unknown" ? "What a sender gets" : html`What a sender gets for <b>${userOf(roll.arn)}</b>`;
  return html`
    <section class="sending" aria-labelledby="sending-title">
      <h2 id="sending-title">${title}</h2>
      ${
        roll.kind === "unknown"
          ? html`<p class="quiet">Look a user up to see which of their endpoints may be woken.</p>`
          : roll.kind === "refused"
            ? refusedView(roll)
            : roll.sending.kind === "refused"
              ? refusedView(roll.sending)
              : resolvedView(roll, roll.sending, state, actions)
      }
    </section>
    ${roll.kind === "known" && roll.endpoints.length > 0 ? reportView(roll, state, actions) : nothing}`;
}

function refusedView({ refusal }: { readonly refusal: { readonly reason: string; readonly message: string } }) {
  return html`<div class="refused"><p><strong>${refusal.reason}</strong></p><p>${refusal.message}</p></div>`;
}

function resolvedView(
  roll: KnownRoll,
  sending: Sending & { kind: "known" },
  state: State,
  actions: Actions,
): TemplateResult {
  const { endpoints } = roll;
  return html`
    <p class="slots-words"><strong>${sending.answered.length}</strong> of ${endpoints.length} endpoints may be woken</p>
    ${applicationView(roll, sending, state, actions)}
    <ul class="verdicts">${repeat(
      endpoints,
      ({ endpointId }) => endpointId,
      (endpoint) => html`<li>${verdictView(endpoint, leftOutFor(endpoint, sending), roll, state)}</li>`,
    )}</ul>`;
}

function applicationView(
  { particulars }: KnownRoll,
  { application }: Sending & { kind: "known" },
  { busy }: State,
  actions: Actions,
): TemplateResult {
  const known = [...particulars.values()].map(({ resourceArn }) => resourceArn);
  const applications = [...new Set([...known, application])].filter((arn) => arn !== "");
  return html`
    <form class="with-button asked" @submit=${(event: Event) => {
      event.preventDefault();
      actions.tokens.resolve(application);
    }}>
      <select aria-label="Application" class="code" @change=${(event: Event) => actions.tokens.resolve(textIn(event))}>
        <option value="" .selected=${live(application === "")}>of any application</option>
        ${applications.map((arn) => html`<option value=${arn} .selected=${live(application === arn)}>of ${shortOf(arn, applications)}</option>`)}
      </select>
      <button aria-busy=${busy.has("resolve")}>Ask again</button>
    </form>`;
}

/** "apps/demo" of an ARN, unless another ends like it. */
function shortOf(arn: string, all: readonly string[]): string {
  const end = (whole: string) => whole.split(":").slice(5).join(":");
  return all.filter((other) => end(other) === end(arn)).length === 1 ? end(arn) : arn;
}

function verdictView(
  endpoint: AppInstanceUserEndpointSummary,
  reasons: readonly LeftOut[],
  { particulars }: KnownRoll,
  { settings }: State,
): TemplateResult {
  const isIn = reasons.length === 0;
  const confirmedAt = particulars.get(endpoint.endpointId)?.deviceTokenTimestamp;
  return html`
    <span class="fact ${isIn ? "good" : "bad"}">${isIn ? "sent to" : "left out"}</span>
    <span>
      <b>${nameOf(endpoint)}</b>
      ${isIn ? nothing : html`<span class="left-out">${reasons.map((reason) => why(reason, settings)).join(" ")}</span>`}
      ${confirmedAt === undefined ? nothing : html`<span class="note">token confirmed ${agoView(timestampMs(confirmedAt))}</span>`}
    </span>`;
}

function why(reason: LeftOut, settings: PageSettings): string {
  switch (reason) {
    case "inactive":
      return `INACTIVE: ${whyInactive(settings)}.`;
    case "muted":
      return "Muted: its user wants no messages there.";
    case "of another application":
      return "It is of another application.";
    case "stale":
      return settings.staleAfterMs === undefined
        ? "It changed just now: ask again."
        : `Stale: its app was not launched for ${settings.staleAfterMs / DAY_MS} days.`;
  }
}
