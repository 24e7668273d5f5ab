/** The console: looks into the register over its own API, as the caller whose token it is given. */
import { render } from "lit-html";
import { startPage } from "../shared/settings.ts";
import { Actions } from "./actions.ts";
import { userInUrl } from "./address.ts";
import { Journal } from "./journal.ts";
import { initialState } from "./state.ts";
import { Store } from "./store.ts";
import { pageView } from "./views/page.ts";

const page = document.getElementById("console") as HTMLElement;

startPage(page, async (settings) => {
  const user = userInUrl();
  const state = initialState(settings);
  const store = new Store({ ...state, arn: user ?? state.arn }, (changed) => render(pageView(changed, actions), page));
  const actions = new Actions(store, new Journal(store));
  render(pageView(store.state, actions), page);
  if (user !== undefined && settings.localTokens !== undefined) {
    await actions.lookUp();
  }
});
