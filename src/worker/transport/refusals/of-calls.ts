import { create } from "@bufbuild/protobuf";
import { AppInstanceUserEndpointService } from "../../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { ConstraintsViolated, NotAuthorized } from "../../model/failure.ts";
import { violated } from "../messages/constraints.ts";
import { explainViolations } from "./explain-violations.ts";
import { RETRY_AFTER_MS, type Refusals } from "./refusal.ts";

const { method: RPC } = AppInstanceUserEndpointService;
const REGISTER = [RPC.registerAppInstanceUserEndpoint.name];

/** Of calls, before the user's object is asked. */
export const OF_CALLS = {
  CALLER_RATE_EXCEEDED: {
    by: "worker",
    example: { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) => `Too many calls by this caller. Try again in ${retryAfterMs} ms.`,
  },
  MESSAGE_COUNT_WRONG: {
    by: "worker",
    isRpcOnly: true,
    example: { kind: "wrong_cardinality", reason: "MESSAGE_COUNT_WRONG" },
    explain: () => "The call must have one message, and has none or more.",
  },
  MESSAGE_FLAGS_WRONG: {
    by: "worker",
    isRpcOnly: true,
    example: { kind: "wrong_framing", reason: "MESSAGE_FLAGS_WRONG" },
    explain: () =>
      "The byte before the message must be 0, or 1 for a message that is compressed as the header grpc-encoding says.",
  },
  UNREADABLE_REQUEST: {
    by: "worker",
    example: {
      kind: "invalid",
      reason: "UNREADABLE_REQUEST",
      at: "AppInstanceUserArn in the path",
      expected: "percent-encoded UTF-8",
    },
    explain: ({ at, expected }) => `The request can't be read: ${at} must be ${expected}.`,
  },
  CONSTRAINTS_VIOLATED: {
    by: "worker",
    // Made when it is asked for, which no Worker does: it was a twentieth of the start.
    get example() {
      return emptyList();
    },
    explain: explainViolations,
  },
  NOT_AUTHORIZED: {
    by: "worker",
    example: { kind: "forbidden", reason: "NOT_AUTHORIZED", action: `chime:${REGISTER}`, on: "a user" },
    explain: ({ action, on }) =>
      `The caller is not allowed to perform ${action} on ${NOT_ALLOWED_ON[on]}. Allow it in the caller's policy.`,
  },
  DEADLINE_EXCEEDED: {
    by: "worker",
    isRpcOnly: true,
    example: { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" },
    explain: () =>
      "The deadline passed. The call may have been made all the same: try again with the same request token.",
  },
} satisfies Partial<Refusals>;

const NOT_ALLOWED_ON: Record<NotAuthorized["on"], string> = {
  "a user": "this user",
  "one of several users": "one of these users, so nothing was done for any",
  "an app instance": "this app instance",
  "the Directory": 'the Directory, which is every resource ("*")',
};

/** What an empty request of a list comes to. */
function emptyList(): ConstraintsViolated {
  const { name, input } = RPC.listAppInstanceUserEndpoints;
  const failure = violated(input, create(input), 0);
  if (failure === undefined) {
    throw new TypeError(`${name} takes an empty request`);
  }
  return failure;
}
