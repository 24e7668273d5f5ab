/** The API reference: /openapi.json for reading, with samples, and each operation to try in place. */
import { render } from "lit-html";
import { startPage } from "../shared/settings.ts";
import { Actions } from "./actions.ts";
import { initialState } from "./state.ts";
import { pageView } from "./views/page.ts";

const page = document.getElementById("reference") as HTMLElement;

startPage(page, async (settings) => {
  const described = await (await fetch("/openapi.json")).json();
  const state = initialState(settings, described);
  const actions = new Actions(state, (changed) => render(pageView(changed, actions), page));
  actions.show({});
  // The browser looked for what a link names before it was there.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
