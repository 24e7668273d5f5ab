import { html, type TemplateResult } from "lit-html";
import {
  AllowMessages,
  type AppInstanceUserEndpointSummary,
} from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { isInactive } from "./state.ts";

/** Strokes beyond these can't be taken in at a glance. */
const STROKES_MAX = 50;

/** How many of a user's slots are used: in words, and as strokes in fives. */
export function tallyView(endpoints: readonly AppInstanceUserEndpointSummary[], limit: number): TemplateResult {
  const used = endpoints.length;
  const remaining = Math.max(0, limit - used);
  return html`
    <div class="slots">
      <p class="slots-words"><strong>${used}</strong> of ${limit} slots used, <strong>${remaining}</strong> remaining</p>
      ${
        Math.max(used, limit) <= STROKES_MAX
          ? strokes(endpoints, remaining)
          : html`<meter max=${limit} value=${used} aria-hidden="true"></meter>`
      }
    </div>`;
}

function strokes(endpoints: readonly AppInstanceUserEndpointSummary[], remaining: number): TemplateResult {
  const kinds = [
    ...endpoints.map((endpoint) =>
      isInactive(endpoint) ? "inactive" : endpoint.allowMessages === AllowMessages.NONE ? "muted" : "used",
    ),
    ...Array.from({ length: remaining }, () => "free"),
  ];
  return html`<span class="tally" aria-hidden="true">${kinds.map((kind) => html`<i class=${kind}></i>`)}</span>`;
}
