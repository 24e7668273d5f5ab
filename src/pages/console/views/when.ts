import { html, type TemplateResult } from "lit-html";

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

const EXACT = new Intl.DateTimeFormat("en-GB", {
  ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 },
});

const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A moment, in milliseconds since 1970, on the reader's clock. */
export function whenView(ms: number): TemplateResult {
  return html`<time datetime=${new Date(ms).toISOString()}>${MOMENT.format(ms)}</time>`;
}

/** How long ago a moment was; and when, for who points at it. */
export function agoView(ms: number): TemplateResult {
  return html`<time datetime=${new Date(ms).toISOString()} title=${MOMENT.format(ms)}>${ago(Date.now() - ms)}</time>`;
}

function ago(ms: number): string {
  if (ms < MINUTE_MS) {
    return "just now";
  }
  return ms < HOUR_MS
    ? AGO.format(-Math.floor(ms / MINUTE_MS), "minute")
    : ms < DAY_MS
      ? AGO.format(-Math.floor(ms / HOUR_MS), "hour")
      : AGO.format(-Math.floor(ms / DAY_MS), "day");
}

/** The time of day of a moment to the millisecond. */
export function exactlyView(ms: number): TemplateResult {
  return html`<time datetime=${new Date(ms).toISOString()}>${EXACT.format(ms)}</time>`;
}
