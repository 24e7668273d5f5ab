import { html, nothing, type TemplateResult } from "lit-html";
import type { Actions } from "../actions.ts";
import { type Equivalent, equivalents } from "../equivalents/equivalents.ts";
import { quote } from "../equivalents/shell.ts";
import { userOf } from "../local-token.ts";
import type { Entry, State } from "../state.ts";
import { tabsView } from "./tabs.ts";

/** The same call without this page: one text at a time, to copy. */
export function equivalentsView(entry: Entry, { language, settings }: State, actions: Actions): TemplateResult {
  const tabs = equivalents(location.origin, entry).map((equivalent) => ({
    name: equivalent.name,
    view: html`${textView(equivalent, entry, actions)} ${settings.localMode ? localNote(equivalent, entry) : note(equivalent)}`,
  }));
  return html`
    <section class="equivalents" aria-labelledby="equivalents-title">
      <h4 id="equivalents-title">The same call</h4>
      ${tabsView("equivalent", "The same call by", tabs, language, (name) => actions.show({ language: name }))}
    </section>`;
}

function textView({ text }: Equivalent, { isTampered }: Entry, actions: Actions): TemplateResult {
  if (text === undefined) {
    return html`<p class="quiet">${
      isTampered
        ? "No client sends what was sent here: it was changed on its way."
        : "This one makes no call with such credentials."
    }</p>`;
  }
  return html`
    <div class="text">
      <pre tabindex="0" aria-label="The call"><code>${text}</code></pre>
      <button type="button" @click=${() => copy(text, actions)}>Copy</button>
    </div>`;
}

function note({ name, text = "" }: Equivalent): TemplateResult | typeof nothing {
  if (name === "AWS CLI" && text !== "") {
    return html`<p class="note">It signs with an access key of yours.</p>`;
  }
  return /\bTOKEN\b/.test(text) ? html`<p class="note"><code>TOKEN</code> is your bearer token.</p>` : nothing;
}

function localNote(equivalent: Equivalent, { call }: Entry): TemplateResult | typeof nothing {
  const { name, text = "" } = equivalent;
  if (name === "AWS CLI" && text !== "") {
    return html`<p class="note">It signs with an access key: <code>npm start</code> prints local mode’s.</p>`;
  }
  const { appInstanceUserArn } = call.request as unknown as { appInstanceUserArn: string };
  return /\bTOKEN\b/.test(text)
    ? html`<p class="note"><code>export TOKEN=$(npm run --silent token -- ${quote(userOf(appInstanceUserArn))})</code></p>`
    : nothing;
}

/** Plain http that is not of this machine has no clipboard: the text can be selected there. */
async function copy(text: string, actions: Actions): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    actions.say("Copied.");
  } catch {
    actions.say("The browser lets this page copy nothing: select the text instead.");
  }
}
