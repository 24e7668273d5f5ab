import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { PageSettings } from "../../../worker/model/page-settings.ts";

const LINKS = [
  { path: "/docs", title: "API reference", page: "docs" },
  { path: "/console", title: "Console", page: "console" },
] as const;

/** The head of every page: where one is, and where else one may go. */
export function topView({ settings, title }: { settings: PageSettings; title: string }): TemplateResult {
  const links = LINKS.filter(({ page, path }) => settings.pages.includes(page) && path !== location.pathname);
  return html`
    <header class="top">
      <h1><a href="/" aria-label="Rollcall ${title}">${MARK} Rollcall <span>${title}</span></a></h1>
      <p>
        ${settings.localMode ? html`<span class="fact">local mode</span>` : nothing}
        <span class="quiet">version ${settings.version}</span>
        ${links.map(({ path, title: to }) => html`<a href=${path}>${to}</a>`)}
      </p>
    </header>`;
}

/** Five on the tally. */
const MARK = html`<svg viewBox="0 0 26 20" aria-hidden="true">${svg`
  <path d="M4 2v16M10 2v16M16 2v16M22 2v16M1 16L25 4" />`}</svg>`;
