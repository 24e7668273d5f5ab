import { html, nothing, type TemplateResult } from "lit-html";
import {
  AllowMessages,
  type AppInstanceUserEndpointSummary,
  EndpointStatus,
  EndpointStatusReason,
  EndpointStatusReasonSchema,
  EndpointStatusSchema,
} from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";

/** Whether an endpoint can be reached, and whether anything may be sent to it. */
export function stateView({ allowMessages, endpointState }: AppInstanceUserEndpointSummary): TemplateResult {
  const status = endpointState?.status ?? EndpointStatus.UNSPECIFIED;
  const reason = endpointState?.statusReason ?? EndpointStatusReason.UNSPECIFIED;
  const isActive = status === EndpointStatus.ACTIVE;
  return html`
    <span class="fact ${isActive ? "good" : "bad"}">${EndpointStatusSchema.value[status]?.localName}${
      reason === EndpointStatusReason.UNSPECIFIED ? nothing : `: ${EndpointStatusReasonSchema.value[reason]?.localName}`
    }</span>
    ${allowMessages === AllowMessages.NONE ? html`<span class="fact swatch">muted</span>` : nothing}`;
}

export function isInactive({ endpointState }: AppInstanceUserEndpointSummary): boolean {
  return endpointState?.status === EndpointStatus.INACTIVE;
}
