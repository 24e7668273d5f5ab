import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { type Exchange, isOk } from "../../shared/api/exchange.ts";
import { bodyView } from "../../shared/views/json.ts";
import type { Actions } from "../actions.ts";
import { type Entry, type State, WIRE_ID } from "../state.ts";
import { equivalentsView } from "./equivalents.ts";
import { replayView } from "./replay.ts";

/** What was called and answered, and how to do the same elsewhere. */
export function wireView(state: State, actions: Actions): TemplateResult {
  const { entries, shown } = state;
  const entry = entries.find(({ id }) => id === shown);
  return html`
    <section class="wire" id=${WIRE_ID} aria-labelledby="wire-title" tabindex="-1">
      <h2 id="wire-title">On the wire</h2>
      ${
        entry === undefined
          ? html`<p class="quiet">Nothing was called yet. Here you will see what is sent and answered, and how to do the same
              with the AWS CLI, curl, Python and TypeScript.</p>`
          : html`${journalView(entries, entry, actions)} ${entryView(entry, state, actions)}`
      }
    </section>`;
}

function journalView(entries: readonly Entry[], shown: Entry, actions: Actions): TemplateResult {
  return html`
    <ol class="journal" aria-label="Calls, the latest first">
      ${repeat(
        entries,
        ({ id }) => id,
        (entry) => html`
          <li><button aria-current=${entry.id === shown.id} @click=${() => actions.show({ shown: entry.id })}>
            <span class="title">${entry.title}</span>
            ${entry.exchanges.slice(0, 1).map((exchange) => statusView(exchange))}
            <span class="took">${Math.round(entry.exchanges[0]?.tookMs ?? 0)} ms</span>
          </button></li>`,
      )}
    </ol>`;
}

function entryView(entry: Entry, state: State, actions: Actions): TemplateResult {
  const { title, does, refusal, note, exchanges, replay } = entry;
  return html`
    <article class="entry" aria-labelledby="entry-title">
      <h3 id="entry-title">${title}</h3>
      ${refusal === undefined ? nothing : html`<p class="why">${refusal.message}</p>`}
      ${does === undefined ? nothing : html`<p class="quiet">${does} ${note}</p>`}
      ${replay === undefined ? nothing : replayView(replay)}
      <div class="exchanges ${exchanges.length > 1 ? "both" : ""}">${exchanges.map(exchangeView)}</div>
      ${equivalentsView(entry, state, actions)}
    </article>`;
}

function exchangeView(exchange: Exchange): TemplateResult {
  const { wire, request, authorization, answer } = exchange;
  const headers = { ...(authorization !== undefined && { authorization }), ...request.headers };
  return html`
    <section class="exchange" aria-label="Over ${wire}">
      <h4>${wire} ${statusView(exchange)}</h4>
      <details>
        <summary><code>${request.verb} ${request.path}</code></summary>
        ${headersView(headers)}
        ${request.body === "" ? html`<p class="quiet">No body.</p>` : bodyView(request.body)}
      </details>
      ${
        answer === undefined
          ? html`<p class="quiet">No answer came.</p>`
          : html`${headersView(answer.headers)} ${answer.body === "" ? html`<p class="quiet">No body.</p>` : bodyView(answer.body)}`
      }
    </section>`;
}

function headersView(headers: Readonly<Record<string, string>>): TemplateResult {
  const entries = Object.entries(headers);
  return entries.length === 0
    ? html``
    : html`<dl class="headers">${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function statusView(exchange: Exchange): TemplateResult {
  const status = exchange.answer?.status;
  const kind = isOk(exchange) ? "good" : status !== undefined && status < 500 ? "refusal" : "bad";
  return html`<span class="status ${kind}">${status ?? "no answer"}</span>`;
}
