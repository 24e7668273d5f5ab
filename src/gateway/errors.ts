/** Errors as the gateway's callers get them: those of the server behind it, and the gateway's own. */
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import type { Failure } from "../worker/model/failure.ts";
import { CHALLENGE, retryHeaders } from "../worker/transport/refusals/headers.ts";
import { type ErrorOf, rpcError } from "../worker/transport/rpc/errors.ts";
import { HEADERS_MAX_BYTES } from "./limits.ts";
import { crossing } from "./metadata.ts";

/** How long to wait for a server that is gone, or a gateway that is full: one that starts again takes about as long. */
const RETRY_MS = 1_000;

/** The most that clients read of `grpc-retry-pushback-ms`, an int32. */
const PUSHBACK_MAX_MS = 2 ** 31 - 1;

/** A refusal of the gateway's own, told as the server tells it. */
export function connectError(failure: Failure, errorOf: ErrorOf = rpcError): ConnectError {
  const { code, message, details, metadata } = errorOf(failure);
  const error = new ConnectError(message, code, metadata);
  error.details = [...details];
  return error;
}

/** A SigV4 signature covers path, host and body as they were sent, and none of them arrives so. */
export function signatureRefused(): ConnectError {
  return new ConnectError(
    "A SigV4 signature can't pass this gateway, which sends the request on under another host and in another framing. " +
      "Send a Bearer token, or call the server itself, over REST or Connect.",
    Code.Unauthenticated,
    CHALLENGE,
    [info("SIGNATURE_NOT_FORWARDED")],
  );
}

/** Of the gateway itself: its memory is taken, for the most part by requests that do not come to their end. */
export function gatewayOverloaded(): ConnectError {
  return unavailable("GATEWAY_OVERLOADED", "This gateway has as many calls as it can hold. Try again later.");
}

export function headersTooLarge(): ConnectError {
  return new ConnectError(
    `The headers of a call may have ${HEADERS_MAX_BYTES / 1_024} KiB, names and values together, and these have more.`,
    Code.ResourceExhausted,
    undefined,
    [info("HEADERS_TOO_LARGE")],
  );
}

/** Told as a deadline that passed. */
export function requestTooSlow(): ConnectError {
  return connectError({ kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" });
}

export function noSuchMethod(): ConnectError {
  return new ConnectError(
    "This gateway has no such method. REST is served by the server behind it.",
    Code.Unimplemented,
  );
}

/** A Host header or an :authority that names no host. */
export function unreadableHost(): ConnectError {
  return connectError({
    kind: "invalid",
    reason: "UNREADABLE_REQUEST",
    at: "the host that the request names",
    expected: "a valid one",
  });
}

/** Nothing came from upstream, or nothing that a Rollcall server says. The cause is told in a word, for the log. */
export function upstreamUnreachable(error: ConnectError): ConnectError {
  return unavailable(
    "UPSTREAM_UNREACHABLE",
    "The server behind this gateway can't be reached, or what answered is no Rollcall server. Try again later.",
    faultOf(error),
  );
}

function unavailable(reason: string, message: string, cause?: string): ConnectError {
  const retryInfo = { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(RETRY_MS) } };
  const headers = retryHeaders({ retryAfterMs: RETRY_MS });
  return new ConnectError(message, Code.Unavailable, headers, [info(reason), retryInfo], cause);
}

/** An error that the server told, to be told again. */
export function toldAgain(error: ConnectError): ConnectError {
  // Connect drops the metadata of an error that came over a wire, so it is another that is thrown.
  const told = new ConnectError(error.rawMessage.toWellFormed(), error.code, crossing(error.metadata));
  told.details = error.details;
  return told;
}

/** Rollcall's stable reason. */
export function reasonOf(error: ConnectError): string | undefined {
  return error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === "rollcall")?.reason;
}

/**
 * Tells gRPC clients in their own way what RetryInfo does. Whatever their policy is, they wait as long before they retry,
 * and do not retry at all what is exhausted for good.
 * Source: proposal A6 of grpc/proposal
 */
export function pushBack(error: ConnectError): void {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (delay !== undefined) {
    const pauseMs = Math.min(Math.max(0, Math.ceil(durationMs(delay))), PUSHBACK_MAX_MS);
    error.metadata.set("grpc-retry-pushback-ms", String(pauseMs));
  } else if (error.code === Code.ResourceExhausted) {
    error.metadata.set("grpc-retry-pushback-ms", "-1");
  }
}

/** The system's own word, or what HTTP said; whatever else is in an answer may be anything. */
function faultOf({ cause, rawMessage, code }: ConnectError): string {
  if (cause instanceof Error && "code" in cause) {
    return String(cause.code);
  }
  return /^HTTP \d{3}$/.test(rawMessage) ? rawMessage : `an answer that can't be read: ${Code[code]}`;
}

function info(reason: string) {
  return { desc: ErrorInfoSchema, value: { reason, domain: "rollcall" } };
}
