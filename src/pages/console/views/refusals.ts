import { html, nothing, type TemplateResult } from "lit-html";
import { userOf } from "../../shared/caller.ts";
import type { Actions } from "../actions.ts";
import type { Recipe } from "../refusals/recipe.ts";
import { KINDS } from "../refusals/recipes.ts";
import type { State } from "../state.ts";

/** Every refusal that can be brought about, to see it told. */
export function refusalsView(state: State, actions: Actions): TemplateResult {
  const user = userOf(state.arn) || "the user";
  return html`
    <section class="refusals" aria-labelledby="refusals-title">
      <h2 id="refusals-title">Errors</h2>
      <p class="quiet">Try one, and see it over REST and over Connect. The calls are made for <b>${user}</b>; what they
        register is muted, and deregistered again at once.</p>
      ${KINDS.map(
        ({ title, recipes }) => html`
          <h3>${title}</h3>
          <ul class="recipes">${recipes.map((recipe) => html`<li>${recipeView(recipe, state, actions)}</li>`)}</ul>`,
      )}
      <p class="quiet">Errors of a server in trouble, such as <code>STORAGE_FAILED</code>, can’t be tried here. All reasons are ${
        state.settings.pages.includes("docs")
          ? html`in the <a href="/docs#every-operation">reference</a>`
          : html`in the project’s <code>docs/errors.md</code>`
      }.</p>
    </section>`;
}

function recipeView(recipe: Recipe, { settings, busy }: State, actions: Actions): TemplateResult {
  const { reason, does, writes, localModeOnly = false } = recipe;
  const isOff = localModeOnly && !settings.localMode;
  return html`
    <div class="recipe">
      <p><code class="reason">${reason}</code> <span class="does">${does}.</span>
        ${writes === undefined ? nothing : html`<span class="writes">Registers ${writes} for a moment.</span>`}
        ${isOff ? html`<span class="writes">In local mode only.</span>` : nothing}</p>
      <button ?disabled=${isOff} aria-busy=${busy.has(reason)} aria-label="Try ${reason}" @click=${() =>
        actions.provoke(recipe)}>Try</button>
    </div>`;
}
