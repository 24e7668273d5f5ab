/** What whoever sends pushes needs: whom to send to, and what to make of the push services' answers. README.md has examples. */
export {
  EndpointStatus,
  EndpointStatusReason,
  FailureEffect,
} from "./gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
export { type Verdict, verdictOf } from "./push-services/words.ts";
export type { BatchOptions } from "./senders/batches.ts";
export { type AnsweredPush, type Report, reportFailures } from "./senders/report.ts";
export {
  type Destination,
  type Resolution,
  type ResolvedEndpoint,
  type ResolveOptions,
  resolveEndpoints,
} from "./senders/resolve.ts";
export type { Unserved } from "./senders/round.ts";
