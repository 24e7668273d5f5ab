import { html, nothing, type TemplateResult } from "lit-html";
import { goTo } from "../../shared/views/focus.ts";
import { type Tab, tabsView } from "../../shared/views/tabs.ts";
import { topView } from "../../shared/views/top.ts";
import type { Actions } from "../actions.ts";
import { type Part, type State, WIRE_ID } from "../state.ts";
import { callerView } from "./caller.ts";
import { leavingView } from "./leaving.ts";
import { refusalsView } from "./refusals.ts";
import { registerView } from "./register.ts";
import { rollView } from "./roll.ts";
import { sendingView } from "./sending.ts";
import { wireView } from "./wire.ts";

/** The whole page. */
export function pageView(state: State, actions: Actions): TemplateResult {
  const { settings, said, entries } = state;
  const parts: Tab<Part>[] = [
    { name: "Endpoints", view: html`${rollView(state, actions)} ${registerView(state, actions)}` },
    { name: "Sending", view: sendingView(state, actions) },
    { name: "Errors", view: refusalsView(state, actions) },
  ];
  return html`
    ${topView({ settings, title: "console" })}
    <main>
      <div class="work">
        ${callerView(state, actions)} ${tabsView("part", "What to do", parts, state.part, (part) => actions.show({ part }))}
      </div>
      ${wireView(state, actions)}
    </main>
    <footer class=${entries.length === 0 && said === "" ? "blank" : ""}>
      <p class="said" role="status">${said}</p>
      ${entries.length === 0 ? nothing : html`<a href="#${WIRE_ID}" @click=${goTo(WIRE_ID)}>See the call</a>`}
    </footer>
    ${leavingView(state, actions)}`;
}
