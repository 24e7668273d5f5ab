import { html, nothing, type TemplateResult } from "lit-html";
import { userIn } from "../../shared/api/call.ts";
import { bearer } from "../../shared/api/credentials.ts";
import { equivalents } from "../../shared/equivalents/equivalents.ts";
import { bodyView } from "../../shared/views/json.ts";
import { noteOn } from "../../shared/views/note.ts";
import { tabsView } from "../../shared/views/tabs.ts";
import { textView } from "../../shared/views/text.ts";
import type { Actions } from "../actions.ts";
import { callIn } from "../call.ts";
import type { Entry, Reason } from "../document.ts";
import type { State } from "../state.ts";
import { markdownView } from "./markdown.ts";
import { membersView, requestMembersView } from "./members.ts";
import { reasonsView } from "./reasons.ts";
import { tryView } from "./try.ts";

/** One operation: what it takes, answers and refuses; beside it the call in each language, and to try. */
export function operationView(
  { operation, verb, path, described }: Entry,
  reasons: readonly Reason[],
  state: State,
  actions: Actions,
): TemplateResult {
  const { name, successStatus } = operation;
  const { document } = state;
  const answer = described.responses[successStatus];
  const content = answer?.content?.["application/json"];
  return html`
    <section class="operation" aria-labelledby=${name}>
      <div class="told">
        <h2 id=${name} tabindex="-1">${name.split(/(?=[A-Z])/).map((word) => html`<wbr>${word}`)}</h2>
        <p class="route"><code><b>${verb}</b> ${path}</code></p>
        <p>${described.summary}</p>
        ${markdownView(described.description)}
        <h3>Request</h3>
        ${requestMembersView(document, described)}
        <h3>Answer</h3>
        <p><span class="status good">${successStatus}</span> ${answer?.description}</p>
        ${
          content === undefined
            ? nothing
            : html`<details><summary>Its members, and an example</summary>
                ${membersView(document, content.schema)} ${bodyView(JSON.stringify(content.example))}</details>`
        }
        <h3>Errors</h3>
        ${reasons.length === 0 ? nothing : reasonsView(reasons)}
        <p class="quiet">${reasons.length === 0 ? "Those" : "And those"} that <a href="#every-operation">every operation</a> has.</p>
      </div>
      <div class="done">
        ${samplesView(operation.name, callIn(operation, state.requests[name] ?? ""), state, actions)}
        ${tryView(operation, state, actions)}
      </div>
    </section>`;
}

function samplesView(
  name: string,
  call: ReturnType<typeof callIn>,
  { settings, language }: State,
  actions: Actions,
): TemplateResult | typeof nothing {
  if (typeof call === "string") {
    return nothing;
  }
  const done = { call, credentials: bearer("", settings.localAccessKey), isTampered: false, exchanges: [] };
  const tabs = equivalents(location.origin, done).map((equivalent) => {
    const { because } = equivalent;
    const note = noteOn(equivalent, settings.localMode ? userIn(call) : undefined);
    const text = textView(equivalent.text ?? "", `${name} by ${equivalent.name}`, (said) => actions.show({ said }));
    return {
      name: equivalent.name,
      view: html`${because === undefined ? nothing : html`<p class="quiet">${because}</p>`} ${text} ${note === undefined ? nothing : html`<p class="note">${note}</p>`}`,
    };
  });
  return html`<div class="samples">${tabsView(`samples-${name}`, `${name} by`, tabs, language, (chosen) =>
    actions.show({ language: chosen }),
  )}</div>`;
}
