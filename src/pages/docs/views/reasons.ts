import { html, type TemplateResult } from "lit-html";
import type { Reason } from "../document.ts";

/** Why calls are refused, and what then to do. */
export function reasonsView(reasons: readonly Reason[]): TemplateResult {
  return html`
    <ul class="reasons">${reasons.map(
      ({ reason, status, exception, message }) => html`
        <li>
          <p><code class="reason">${reason}</code> <span class="quiet">${status} ${exception}</span></p>
          <p>${message}</p>
        </li>`,
    )}</ul>`;
}
