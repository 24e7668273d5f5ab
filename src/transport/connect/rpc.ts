import type { Message } from "@bufbuild/protobuf";
import type { Success } from "../../model/operations.ts";
import type { Incoming } from "../incoming.ts";
import type { Operation } from "../messages/service.ts";
import { perform, type Refusal, type Service } from "../operations.ts";
import { deadlineOf, headerRefusal } from "./headers.ts";
import { decodeBody, type Framing } from "./request.ts";

/** Which rpc is called, and how. */
export interface Rpc {
  readonly operation: Operation;
  readonly framing: Framing;
}

/** Performs a call, whichever of the protocols it came by. */
export async function performRpc(
  incoming: Incoming,
  { operation, framing }: Rpc,
  service: Service,
): Promise<Success<Message> | Refusal> {
  const { headers } = incoming.request;
  const decode = (body: Uint8Array) => decodeBody(operation.method.input, framing, body);
  const deadline = deadlineOf(headers, incoming.receivedAt);
  const outcome = headerRefusal(headers) ?? (await perform({ operation, incoming, decode, deadline }, service));
  incoming.event.outcome = outcome;
  return outcome;
}
