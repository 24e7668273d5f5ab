import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Operation } from "../../../worker/transport/operations.ts";
import { isOk } from "../../shared/api/exchange.ts";
import { bodyView } from "../../shared/views/json.ts";
import type { Actions } from "../actions.ts";
import type { Outcome, State } from "../state.ts";

/** The request to edit and send, and what was answered. */
export function tryView(operation: Operation, { requests, outcomes }: State, actions: Actions): TemplateResult {
  const { name } = operation;
  const request = requests[name] ?? "";
  const outcome = outcomes[name];
  return html`
    <form class="try" aria-label="Try ${name}" @submit=${(event: Event) => {
      event.preventDefault();
      actions.send(operation);
    }}>
      <label for="request-${name}">Try it: the request</label>
      <textarea id="request-${name}" class="code" spellcheck="false" autocomplete="off" autocapitalize="off"
        rows=${request.split("\n").length} .value=${live(request)} @input=${(event: InputEvent) =>
          actions.edit(operation, (event.target as HTMLTextAreaElement).value)}></textarea>
      <button class="primary" aria-label="Send ${name}">Send</button>
      ${outcome === undefined ? nothing : html`<div class="outcome" id="outcome-${name}">${outcomeView(outcome)}</div>`}
    </form>`;
}

function outcomeView(outcome: Outcome): TemplateResult {
  if ("unsent" in outcome) {
    return html`<p class="refused">${outcome.unsent}</p>`;
  }
  const { answer, request } = outcome.exchange;
  if (answer === undefined) {
    return html`<p class="refused">No answer came. Is the server running?</p>`;
  }
  const kind = isOk(outcome.exchange) ? "good" : answer.status < 500 ? "refusal" : "bad";
  const exception = answer.headers["x-amzn-errortype"];
  return html`
    <div class="answer">
      <p><span class="status ${kind}">${answer.status}</span> ${exception} <code class="quiet">${request.verb} ${request.path}</code></p>
      ${answer.body === "" ? html`<p class="quiet">No body.</p>` : bodyView(answer.body)}
    </div>`;
}
