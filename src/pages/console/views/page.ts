import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { Actions } from "../actions.ts";
import { type Part, type State, WIRE_ID } from "../state.ts";
import { callerView } from "./caller.ts";
import { focusLater } from "./focus.ts";
import { leavingView } from "./leaving.ts";
import { refusalsView } from "./refusals.ts";
import { registerView } from "./register.ts";
import { rollView } from "./roll.ts";
import { type Tab, tabsView } from "./tabs.ts";
import { wireView } from "./wire.ts";

/** The whole page. */
export function pageView(state: State, actions: Actions): TemplateResult {
  const { settings, said, entries } = state;
  const parts: Tab<Part>[] = [
    { name: "Endpoints", view: html`${rollView(state, actions)} ${registerView(state, actions)}` },
    { name: "Errors", view: refusalsView(state, actions) },
  ];
  return html`
    <header class="top">
      <h1>${MARK} Rollcall <span>console</span></h1>
      <p>
        ${settings.localMode ? html`<span class="fact">local mode</span>` : nothing}
        <span class="quiet">version ${settings.version}</span>
        ${settings.pages.includes("docs") ? html`<a href="/docs">API reference</a>` : nothing}
      </p>
    </header>
    <main>
      <div class="work">
        ${callerView(state, actions)} ${tabsView("part", "What to do", parts, state.part, (part) => actions.show({ part }))}
      </div>
      ${wireView(state, actions)}
    </main>
    <footer class=${entries.length === 0 && said === "" ? "blank" : ""}>
      <p class="said" role="status">${said}</p>
      ${entries.length === 0 ? nothing : html`<a href="#${WIRE_ID}" @click=${() => focusLater(WIRE_ID)}>See the call</a>`}
    </footer>
    ${leavingView(state, actions)}`;
}

/** Five on the tally. */
const MARK = html`<svg viewBox="0 0 26 20" aria-hidden="true">${svg`
  <path d="M4 2v16M10 2v16M16 2v16M22 2v16M1 16L25 4" />`}</svg>`;
