import { html, render } from "lit-html";
import { type PageSettings, SETTINGS_PATH } from "../../worker/model/page-settings.ts";

/** Starts a page with what the server tells it, or says in its place that the server does not. */
export async function startPage(page: HTMLElement, start: (settings: PageSettings) => void | Promise<void>) {
  const answer = await fetch(SETTINGS_PATH).catch(() => undefined);
  if (answer?.ok) {
    await start(await answer.json());
  } else {
    render(html`<p role="alert">The server does not answer. Is it running? Reload to try again.</p>`, page);
  }
}
