import { BODY_MAX_BYTES } from "../../model/limits.ts";
import type { Refusals } from "./refusal.ts";
import { explainUnknownPath } from "./unknown-path.ts";

/** Of requests, before it is known who calls. */
export const OF_ARRIVALS = {
  HOST_NOT_LOCAL: {
    by: "worker",
    example: { kind: "turned_away", reason: "HOST_NOT_LOCAL" },
    explain: () =>
      "This server is in local mode, whose credentials everybody knows, so it answers this machine alone: call it at localhost or 127.0.0.1. To serve others, configure callers and leave local mode off.",
  },
  HOST_NOT_SERVED: {
    by: "worker",
    example: { kind: "turned_away", reason: "HOST_NOT_SERVED" },
    explain: () =>
      "This server does not go by the Host of this request. Call it by a name of its own, or add this one to OWN_HOSTS.",
  },
  ORIGIN_NOT_ALLOWED: {
    by: "worker",
    example: { kind: "turned_away", reason: "ORIGIN_NOT_ALLOWED" },
    explain: () =>
      "Web pages of this origin may not call this server. Add the origin to ALLOWED_ORIGINS, or send no Origin header if no web page calls.",
  },
  UNKNOWN_OPERATION: {
    by: "worker",
    operations: "none",
    example: { kind: "unknown_operation", reason: "UNKNOWN_OPERATION", path: "/app-instance-users" },
    explain: explainUnknownPath,
  },
  METHOD_NOT_ALLOWED: {
    by: "worker",
    operations: "none",
    example: { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed: ["POST", "GET"] },
    explain: ({ allowed }) => `This path accepts ${allowed.join(", ")} only.`,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    by: "worker",
    operations: "with a body",
    example: { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE", supported: ["application/json"] },
    explain: ({ kind, supported }) =>
      `The ${kind === "wrong_type" ? "Content-Type" : "encoding"} of the request is not supported: send ${supported.join(" or ")}.`,
  },
  BODY_TOO_LARGE: {
    by: "worker",
    operations: "with a body",
    example: { kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: BODY_MAX_BYTES },
    explain: ({ limitBytes }) => `The request body is larger than ${limitBytes} bytes.`,
  },
} satisfies Partial<Refusals>;
