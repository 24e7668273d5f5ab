import { html, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import { focusLater } from "../../shared/views/focus.ts";
import type { Actions } from "../actions.ts";
import { nameOf } from "../said.ts";
import type { State } from "../state.ts";

/** Asks whether an endpoint is to go. The dialog is the browser's: Escape keeps the endpoint, and Tab stays within. */
export function leavingView({ leaving }: State, actions: Actions): TemplateResult {
  const keep = () => {
    actions.show({ leaving: undefined });
    focusLater(`deregister-${leaving?.endpointId}`);
  };
  return html`
    <dialog aria-labelledby="leaving-title" aria-describedby="leaving-text" ${ref((dialog) => {
      openIf(leaving !== undefined, dialog as HTMLDialogElement | undefined);
    })} @cancel=${(event: Event) => {
      event.preventDefault();
      keep();
    }}>
      <h2 id="leaving-title">Deregister ${leaving && nameOf(leaving)}?</h2>
      <p id="leaving-text">The device gets no more pushes, and its tokens are deleted. This can’t be undone, but the
        device can be registered again.</p>
      <p class="actions">
        <button autofocus @click=${keep}>Keep it</button>
        <button class="danger solid" @click=${() => {
          actions.show({ leaving: undefined });
          if (leaving !== undefined) {
            actions.deregister(leaving);
          }
          focusLater("roll-title");
        }}>Deregister</button>
      </p>
    </dialog>`;
}

function openIf(isWanted: boolean, dialog: HTMLDialogElement | undefined): void {
  if (dialog !== undefined && dialog.open !== isWanted) {
    if (isWanted) {
      dialog.showModal();
    } else {
      dialog.close();
    }
  }
}
