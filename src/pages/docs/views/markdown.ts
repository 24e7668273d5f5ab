import { html, type TemplateResult } from "lit-html";

/** As much Markdown as the description has: paragraphs, headings, lists and code. Headings begin at the second level. */
export function markdownView(text = ""): TemplateResult[] {
  return text
    .split(/\n{2,}/)
    .filter(Boolean)
    .map((block) => {
      const heading = /^## (.+)$/.exec(block.trim())?.[1];
      if (heading !== undefined) {
        return html`<h2 id=${heading.toLowerCase().replace(/\W+/g, "-")} tabindex="-1">${heading}</h2>`;
      }
      return block.startsWith("- ")
        ? html`<ul class="bullets">${block
            .split(/^- /m)
            .slice(1)
            .map((item) => html`<li>${inlineView(item.trim())}</li>`)}</ul>`
        : html`<p>${inlineView(block)}</p>`;
    });
}

function inlineView(text: string): (string | TemplateResult)[] {
  return text.split(/(`[^`]+`)/).map((part) => (part.startsWith("`") ? html`<code>${part.slice(1, -1)}</code>` : part));
}
