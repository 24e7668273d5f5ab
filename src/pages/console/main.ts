/** The console: looks into the register over its own API, as the caller whose token it is given. */
import { html, render } from "lit-html";
import type { PageSettings } from "../../model/page-settings.ts";
import { Actions } from "./actions.ts";
import { Journal } from "./journal.ts";
import { initialState } from "./state.ts";
import { Store } from "./store.ts";
import { pageView } from "./views/page.ts";

const page = document.getElementById("console") as HTMLElement;

const answer = await fetch("/console/settings.json").catch(() => undefined);
if (answer?.ok) {
  start(await answer.json());
} else {
  render(html`<p role="alert">The server does not tell its settings. Is it running? Reload to try again.</p>`, page);
}

function start(settings: PageSettings): void {
  const store = new Store(initialState(settings), (state) => render(pageView(state, actions), page));
  const actions = new Actions(store, new Journal(store));
  render(pageView(store.state, actions), page);
}
