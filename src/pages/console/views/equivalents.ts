import { html, nothing, type TemplateResult } from "lit-html";
import type { PageSettings } from "../../../worker/model/page-settings.ts";
import { userIn } from "../../shared/api/call.ts";
import { type Equivalent, equivalents } from "../../shared/equivalents/equivalents.ts";
import { noteOn } from "../../shared/views/note.ts";
import { tabsView } from "../../shared/views/tabs.ts";
import { textView } from "../../shared/views/text.ts";
import type { Actions } from "../actions.ts";
import type { Entry, State } from "../state.ts";

/** The same call without this page: one text at a time, to copy. */
export function equivalentsView(entry: Entry, { language, settings }: State, actions: Actions): TemplateResult {
  const tabs = equivalents(location.origin, entry).map((equivalent) => ({
    name: equivalent.name,
    view: html`${equivalentView(equivalent, entry, actions)} ${note(equivalent, entry, settings)}`,
  }));
  return html`
    <section class="equivalents" aria-labelledby="equivalents-title">
      <h4 id="equivalents-title">The same call</h4>
      ${tabsView("equivalent", "The same call by", tabs, language, (name) => actions.show({ language: name }))}
    </section>`;
}

function equivalentView({ text, because }: Equivalent, { isTampered }: Entry, actions: Actions): TemplateResult {
  if (text === undefined) {
    return html`<p class="quiet">${
      isTampered
        ? "No client sends what was sent here: it was changed on its way."
        : "This one makes no call with such credentials."
    }</p>`;
  }
  return html`
    ${because === undefined ? nothing : html`<p class="quiet">${because}</p>`}
    ${textView(text, "The call", (said) => actions.say(said))}`;
}

function note(equivalent: Equivalent, { call }: Entry, { localMode }: PageSettings): TemplateResult | typeof nothing {
  const told = noteOn(equivalent, localMode ? userIn(call) : undefined);
  return told === undefined ? nothing : html`<p class="note">${told}</p>`;
}
