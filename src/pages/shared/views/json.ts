import { html, type TemplateResult } from "lit-html";

/** Strings with the colon of a member's name, other strings, and words; what is between them is left as it is. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;

/** A body for reading: JSON over several lines with its parts marked, and anything else as it came. */
export function bodyView(body: string): TemplateResult {
  const text = pretty(body);
  return html`<pre class="body" tabindex="0"><code>${text === undefined ? shortened(body) : marked(text)}</code></pre>`;
}

function pretty(body: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return undefined;
  }
}

const SHOWN_MAX = 2_000;

function shortened(body: string): string {
  return body.length > SHOWN_MAX ? `${body.slice(0, 64)}… (${body.length.toLocaleString("en")} bytes)` : body;
}

function marked(text: string): (string | TemplateResult)[] {
  const parts: (string | TemplateResult)[] = [];
  let end = 0;
  for (const { index, 0: all, 1: string, 2: colon } of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, index));
    const kind = string === undefined ? "word" : colon === undefined ? "string" : "name";
    parts.push(html`<span class=${kind}>${string ?? all}</span>`, colon ?? "");
    end = index + all.length;
  }
  return [...parts, text.slice(end)];
}
