import { html, type TemplateResult } from "lit-html";

/** A text to copy. `say` is told what came of that. */
export function textView(text: string, label: string, say: (said: string) => void): TemplateResult {
  return html`
    <div class="text">
      <pre tabindex="0" role="group" aria-label=${label}><code>${text}</code></pre>
      <button type="button" aria-label="Copy: ${label}" @click=${() => copy(text, say)}>Copy</button>
    </div>`;
}

/** Plain http that is not of this machine has no clipboard: the text can be selected there. */
async function copy(text: string, say: (said: string) => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
  } catch {
    say("The browser lets this page copy nothing: select the text instead.");
  }
}
