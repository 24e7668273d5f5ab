import { html, type TemplateResult } from "lit-html";

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

const EXACT = new Intl.DateTimeFormat("en-GB", {
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 },
});

/** A moment, in milliseconds since 1970, on the reader's clock. */
export function whenView(ms: number): TemplateResult {
  return html`<time datetime=${new Date(ms).toISOString()}>${MOMENT.format(ms)}</time>`;
}

/** The time of day of a moment to the millisecond. */
export function exactlyView(ms: number): TemplateResult {
  return html`<time datetime=${new Date(ms).toISOString()}>${EXACT.format(ms)}</time>`;
}
