/** Refuses a request before its operation is looked for, as the protocol that it is of tells errors. */
import type { ConnectError } from "@connectrpc/connect";
// Documented as private and outside semantic versioning, so imported in this folder only.
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { setTrailerStatus, trailerFlag, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import type { Incoming } from "../incoming.ts";
import type { Refusal } from "../operations.ts";
import { respond } from "../respond.ts";
import { connectError } from "./errors.ts";
import { framingOf } from "./request.ts";
import { unaryRefusal } from "./unary.ts";

export function connectRefusal(incoming: Incoming, refusal: Refusal): Response {
  const { request, event } = incoming;
  const framing = framingOf(request.headers);
  event.wire = framing.enveloped ? "grpc-web" : "connect";
  if (!framing.enveloped) {
    return unaryRefusal(incoming, refusal);
  }
  event.outcome = refusal;
  const headers = { "content-type": `application/grpc-web+${framing.json ? "json" : "proto"}` };
  return respond(event, { status: 200, headers, body: trailersOf(connectError(refusal)) });
}

/** gRPC-Web's answer without a message: trailers alone, in a frame of their own. */
function trailersOf(error: ConnectError): Uint8Array {
  return encodeEnvelope(trailerFlag, trailerSerialize(setTrailerStatus(new Headers(), error)));
}
