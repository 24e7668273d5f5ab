import { html, type TemplateResult } from "lit-html";
import { focusLater } from "./focus.ts";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly view: TemplateResult;
}

/** Tabs by the pattern of ARIA's authoring practices: arrows choose one, Tab goes on into what it shows. */
export function tabsView<Name extends string>(
  id: string,
  label: string,
  tabs: readonly Tab<Name>[],
  shown: Name,
  show: (name: Name) => void,
): TemplateResult {
  const at = Math.max(
    0,
    tabs.findIndex(({ name }) => name === shown),
  );
  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const next = to !== undefined && tabs.at(to % tabs.length);
    if (next) {
      event.preventDefault();
      show(next.name);
      focusLater(tabId(next.name));
    }
  };
  const tabId = (name: Name) => `${id}-${name.replace(/\W+/g, "-").toLowerCase()}`;
  return html`
    <div role="tablist" aria-label=${label} @keydown=${onKey}>
      ${tabs.map(
        ({ name }, index) => html`
          <button type="button" role="tab" id=${tabId(name)} aria-selected=${index === at} aria-controls=${id}
            tabindex=${index === at ? 0 : -1} @click=${() => show(name)}>${name}</button>`,
      )}
    </div>
    <div role="tabpanel" id=${id} aria-labelledby=${tabId(tabs[at]?.name ?? shown)}>${tabs[at]?.view}</div>`;
}
