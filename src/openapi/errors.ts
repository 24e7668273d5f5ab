/** What each operation refuses, out of the code that answers it: statuses, headers, bodies and words. */
import { create } from "@bufbuild/protobuf";
import { SKEW_MAX_MS } from "../auth/sigv4/verify.ts";
import { BODY_MAX_BYTES, ENDPOINTS_PER_USER_DEFAULT } from "../model/limits.ts";
import { OPERATIONS, type Operation } from "../transport/messages/service.ts";
import { type ConstraintsViolated, validate } from "../transport/messages/validate.ts";
import type { Refusal } from "../transport/operations.ts";
import { type RestError, restError } from "../transport/rest/errors.ts";
import { ENDPOINT_ID } from "./examples.ts";

type Reason = Refusal["reason"];

/** How a call is refused for a reason. */
export interface Example extends RestError {
  readonly reason: Reason;
}

/** How an operation refuses calls, in the order in which they meet it; or, without one, how any path of REST does. */
export function refusalsOf(operation?: Operation): readonly Example[] {
  return REFUSALS.filter(({ reason }) => operation === undefined || (ONLY[reason]?.(operation) ?? true)).map(
    (refusal) => ({ reason: refusal.reason, ...restError(refusal) }),
  );
}

const REGISTER = "RegisterAppInstanceUserEndpoint";
const LIST = "ListAppInstanceUserEndpoints";

const of =
  (...names: string[]) =>
  ({ name }: Operation) =>
    names.includes(name);
const withBody = ({ route }: Operation) => route.hasBody;
const registering = of(REGISTER);

/** Which operations answer a reason that not every one does. */
const ONLY: Readonly<Partial<Record<Reason, (operation: Operation) => boolean>>> = {
  BODY_TOO_LARGE: withBody,
  UNSUPPORTED_MEDIA_TYPE: withBody,
  NEXT_TOKEN_INVALID: of(LIST),
  ENDPOINT_NOT_FOUND: of("DescribeAppInstanceUserEndpoint", "UpdateAppInstanceUserEndpoint"),
  REQUEST_TOKEN_REUSED: registering,
  ENDPOINT_DEREGISTERED: registering,
  DEVICE_ALREADY_REGISTERED: registering,
  ENDPOINT_LIMIT_EXCEEDED: registering,
  TOO_MANY_DEREGISTRATIONS: registering,
  UNKNOWN_OPERATION: of(),
  METHOD_NOT_ALLOWED: of(),
};

const now = Date.UTC(2026, 10, 24, 12);
const untimely = { now, toleranceMs: SKEW_MAX_MS };
const retryAfterMs = 1_000;
const conflicting = { kind: "conflict", endpointId: ENDPOINT_ID } as const;

/** One refusal for each reason, in the order in which a call meets them. The compiler knows which is forgotten. */
const ONE_OF_EACH: { readonly [Each in Reason]: Refusal & { readonly reason: Each } } = {
  HOST_NOT_LOCAL: { kind: "turned_away", reason: "HOST_NOT_LOCAL" },
  HOST_NOT_SERVED: { kind: "turned_away", reason: "HOST_NOT_SERVED" },
  ORIGIN_NOT_ALLOWED: { kind: "turned_away", reason: "ORIGIN_NOT_ALLOWED" },
  UNKNOWN_OPERATION: { kind: "unknown_operation", reason: "UNKNOWN_OPERATION", path: "/app-instance-users" },
  METHOD_NOT_ALLOWED: { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed: ["POST", "GET"] },
  UNSUPPORTED_MEDIA_TYPE: { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE" },
  NOT_IMPLEMENTED: { kind: "not_implemented", reason: "NOT_IMPLEMENTED", operation: REGISTER },
  BODY_TOO_LARGE: { kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: BODY_MAX_BYTES },
  NO_PRINCIPALS: { kind: "unauthenticated", reason: "NO_PRINCIPALS" },
  CREDENTIALS_MISSING: { kind: "unauthenticated", reason: "CREDENTIALS_MISSING" },
  CREDENTIALS_AMBIGUOUS: { kind: "unauthenticated", reason: "CREDENTIALS_AMBIGUOUS" },
  SIGNATURE_MALFORMED: { kind: "unauthenticated", reason: "SIGNATURE_MALFORMED", fault: "HOST_NOT_SIGNED" },
  SIGNATURE_EXPIRED: { kind: "signature", reason: "SIGNATURE_EXPIRED", signedAt: now - 2 * SKEW_MAX_MS, ...untimely },
  SIGNATURE_NOT_YET_CURRENT: {
    ...{ kind: "signature", reason: "SIGNATURE_NOT_YET_CURRENT" },
    ...{ signedAt: now + 2 * SKEW_MAX_MS, ...untimely },
  },
  SIGNATURE_REFUSED: {
    ...{ kind: "unauthenticated", reason: "SIGNATURE_REFUSED", fault: "WRONG_SIGNATURE", host: "rollcall.example.com" },
  },
  SESSION_TOKEN_REFUSED: {
    ...{ kind: "unauthenticated", reason: "SESSION_TOKEN_REFUSED", fault: "WRONG_SESSION_TOKEN" },
  },
  SESSION_EXPIRED: { kind: "signature", reason: "SESSION_EXPIRED" },
  TOKEN_REFUSED: { kind: "unauthenticated", reason: "TOKEN_REFUSED", fault: "WRONG_AUDIENCE" },
  TOKEN_EXPIRED: { kind: "unauthenticated", reason: "TOKEN_EXPIRED" },
  ISSUER_UNREACHABLE: { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs },
  CALLER_RATE_EXCEEDED: { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs },
  UNREADABLE_REQUEST: {
    ...{ kind: "invalid", reason: "UNREADABLE_REQUEST" },
    ...{ at: "AppInstanceUserArn in the path", expected: "percent-encoded UTF-8" },
  },
  CONSTRAINTS_VIOLATED: violated(),
  NOT_AUTHORIZED: { kind: "forbidden", reason: "NOT_AUTHORIZED", action: `chime:${REGISTER}` },
  DEADLINE_EXCEEDED: { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" },
  TOO_MANY_USERS: { kind: "unavailable", reason: "TOO_MANY_USERS", retryAfterMs },
  USER_OVERLOADED: { kind: "unavailable", reason: "USER_OVERLOADED", retryAfterMs },
  USER_UNREACHABLE: { kind: "unavailable", reason: "USER_UNREACHABLE", retryAfterMs },
  STORAGE_FAILED: { kind: "unavailable", reason: "STORAGE_FAILED", retryAfterMs },
  VERSION_MISMATCH: { kind: "unavailable", reason: "VERSION_MISMATCH", retryAfterMs },
  OPERATION_RATE_EXCEEDED: { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 100 },
  NEXT_TOKEN_INVALID: { kind: "invalid", reason: "NEXT_TOKEN_INVALID" },
  ENDPOINT_NOT_FOUND: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
  ENDPOINT_DEREGISTERED: { ...conflicting, reason: "ENDPOINT_DEREGISTERED" },
  REQUEST_TOKEN_REUSED: { ...conflicting, reason: "REQUEST_TOKEN_REUSED" },
  DEVICE_ALREADY_REGISTERED: { ...conflicting, reason: "DEVICE_ALREADY_REGISTERED" },
  ENDPOINT_LIMIT_EXCEEDED: {
    ...{ kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: ENDPOINTS_PER_USER_DEFAULT },
  },
  TOO_MANY_DEREGISTRATIONS: { kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: 3_600_000 },
  INTERNAL: { kind: "internal", reason: "INTERNAL" },
};

/** A deadline is Connect's: REST has no way to send one. And of the operations none waits to be implemented. */
const NEVER: readonly Reason[] = ["DEADLINE_EXCEEDED", "NOT_IMPLEMENTED"];
const REFUSALS: readonly Refusal[] = Object.values(ONE_OF_EACH).filter(({ reason }) => !NEVER.includes(reason));

/** What an empty request of a list comes to. */
function violated(): ConstraintsViolated {
  const [list] = OPERATIONS.filter(({ name }) => name === LIST);
  const violations = list && validate(list, create(list.method.input));
  if (violations === undefined) {
    throw new TypeError(`${LIST} takes an empty request`);
  }
  return violations;
}
