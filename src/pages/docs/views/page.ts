import { html, type nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { canSign } from "../../shared/caller.ts";
import { topView } from "../../shared/views/top.ts";
import type { Actions } from "../actions.ts";
import { type Entry, entriesOf, reasonsOf } from "../document.ts";
import type { State } from "../state.ts";
import { markdownView } from "./markdown.ts";
import { operationView } from "./operation.ts";
import { reasonsView } from "./reasons.ts";

/** The whole page: the operations first, and after them what holds for all of them. */
export function pageView(state: State, actions: Actions): TemplateResult {
  const { settings, document, said } = state;
  const entries = entriesOf(document);
  const reasons = reasonsOf(document);
  return html`
    ${topView({ settings, title: "API reference" })}
    <div class="page">
      <nav aria-label="Operations">${contentsView(entries)}</nav>
      <main>
        <section class="intro" aria-labelledby="operations">
          <h2 id="operations">Operations</h2>
          <p>${document.info.summary}</p>
          <ul class="overview">${entries.map(
            ({ operation, verb, path }) => html`
              <li><a href="#${operation.name}">${operation.name}</a> <code>${verb} ${path}</code></li>`,
          )}</ul>
          ${tokenView(state, actions)}
        </section>
        ${entries.map((entry) => operationView(entry, reasons.only.get(entry.operation.name) ?? [], state, actions))}
        <section class="all" aria-labelledby="every-operation">
          <h2 id="every-operation" tabindex="-1">Errors of every operation</h2>
          ${reasonsView(reasons.every)}
        </section>
        <section class="all" aria-label="What holds for all">${markdownView(document.info.description)}
          <p>All of this for tools: <a href="/openapi.json">/openapi.json</a>.</p></section>
      </main>
    </div>
    <p class="hidden" role="status">${said}</p>`;
}

function contentsView(entries: readonly Entry[]): TemplateResult {
  return html`
    <ul>
      ${entries.map(({ operation: { name }, verb }) => html`<li><a href="#${name}">${shortOf(name)} <span>${verb}</span></a></li>`)}
      <li><a href="#every-operation">Errors</a></li>
      <li><a href="#requests">Requests</a></li>
      <li><a href="#connect-and-grpc-web">Connect, gRPC-Web</a></li>
    </ul>`;
}

/** "Register" of "RegisterAppInstanceUserEndpoint": what differs. */
function shortOf(name: string): string {
  return name.replace(/AppInstanceUserEndpoint.*$/, "");
}

function tokenView({ token, settings }: State, actions: Actions): TemplateResult | typeof nothing {
  if (settings.localTokens !== undefined && canSign()) {
    return html`<p class="note">Local mode: “Send” works at once. It calls with a token for the user that the request names.</p>`;
  }
  return html`
    <div class="token">
      <label for="token">Bearer token</label>
      <input id="token" class="code" type="password" autocomplete="off" spellcheck="false" aria-describedby="token-note"
        .value=${live(token)} @input=${(event: InputEvent) =>
          actions.show({ token: (event.target as HTMLInputElement).value.trim() })}>
      <p id="token-note" class="note">“Send” calls with it. It stays in this page’s memory, and is gone with the tab.</p>
    </div>`;
}
