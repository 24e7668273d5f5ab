import type { DescField } from "@bufbuild/protobuf";
import type { Violation } from "@bufbuild/protovalidate";
import type { Dialect } from "../messages/dialect.ts";
import { exampleIn } from "../messages/example.ts";
import type { Refusal } from "../operations.ts";
import { explainSignature, explainToken, explainUntimely, SIGNATURE_FAULTS } from "./explain-credentials.ts";
import { explainUnknownPath } from "./unknown-path.ts";

/**
 * What a person is told: which member, which rule, what to do. It never holds a value of the caller's, for that could
 * be a device token, and names members as the caller's wire spells them. A refused signature tells the host that it was
 * checked for, and in local mode what should have been signed, without its secrets.
 */
export function explain(refusal: Refusal, dialect: Dialect): string {
  switch (refusal.reason) {
    case "UNREADABLE_REQUEST":
      return `The request can't be read: ${refusal.at} must be ${refusal.expected}.`;
    case "CONSTRAINTS_VIOLATED":
      return explainViolations(refusal.violations, dialect);
    case "NEXT_TOKEN_INVALID":
      return "The next token is not one that a list of this user's endpoints returned. List again without it.";
    case "NO_PRINCIPALS":
      return "No caller is known to this server. Configure principals, or start it with `npm start` for local mode and its well-known credentials.";
    case "CREDENTIALS_MISSING":
      return "The request has no credentials: sign it with an access key (SigV4, service 'chime'), or send a Bearer token.";
    case "CREDENTIALS_AMBIGUOUS":
      return "The request has credentials in its query and in its Authorization header: send one of them.";
    case "SIGNATURE_MALFORMED":
      return SIGNATURE_FAULTS[refusal.fault];
    case "SIGNATURE_REFUSED":
      return explainSignature(refusal);
    case "SESSION_TOKEN_REFUSED":
      return "The session token is refused. If the access key came without one, send none: unset AWS_SESSION_TOKEN, or sessionToken in the client's credentials.";
    case "SIGNATURE_EXPIRED":
    case "SIGNATURE_NOT_YET_CURRENT":
    case "SESSION_EXPIRED":
      return explainUntimely(refusal);
    case "TOKEN_REFUSED":
      return explainToken(refusal);
    case "TOKEN_EXPIRED":
      return "The Bearer token has expired. Get a new one from its issuer.";
    case "NOT_AUTHORIZED":
      return `The caller is not allowed to perform ${refusal.action} on this user. Allow it in the caller's policy.`;
    case "HOST_NOT_LOCAL":
      return "This server is in local mode, whose credentials everybody knows, so it answers this machine alone: call it at localhost or 127.0.0.1. To serve others, configure callers and leave local mode off.";
    case "HOST_NOT_SERVED":
      return "This server does not go by the Host of this request. Call it by a name of its own, or add this one to OWN_HOSTS.";
    case "ORIGIN_NOT_ALLOWED":
      return "Web pages of this origin may not call this server. Add the origin to ALLOWED_ORIGINS, or send no Origin header if no web page calls.";
    case "ENDPOINT_NOT_FOUND":
      return "The user has no endpoint with this id. List the user's endpoints to see which there are.";
    case "REQUEST_TOKEN_REUSED":
      return `This request token has registered endpoint ${refusal.endpointId} with other input. Use a new token for a new registration.`;
    case "ENDPOINT_DEREGISTERED":
      return `This request token registered endpoint ${refusal.endpointId}, which was deregistered since. To register the device again, use a new token.`;
    case "DEVICE_ALREADY_REGISTERED":
      return `The device is registered for this user as endpoint ${refusal.endpointId}. Use that endpoint, or deregister it first.`;
    case "ENDPOINT_LIMIT_EXCEEDED":
      return `The user has as many endpoints as are allowed: ${refusal.limit}. Deregister one that is no longer used.`;
    case "OPERATION_RATE_EXCEEDED":
      return `Too many calls of this operation for this user. Try again in ${refusal.retryAfterMs} ms.`;
    case "CALLER_RATE_EXCEEDED":
      return `Too many calls by this caller. Try again in ${refusal.retryAfterMs} ms.`;
    case "TOO_MANY_DEREGISTRATIONS":
      return `Too many endpoints of this user were deregistered within a day. Try again in ${refusal.retryAfterMs} ms.`;
    case "USER_OVERLOADED":
      return `Too many calls are waiting for this user. Try again in ${refusal.retryAfterMs} ms.`;
    case "USER_UNREACHABLE":
      return `The user's endpoints can't be reached at the moment. Try again in ${refusal.retryAfterMs} ms, with the same request token.`;
    case "STORAGE_FAILED":
      return `The user's endpoints can't be read or written at the moment. Try again in ${refusal.retryAfterMs} ms, with the same request token.`;
    case "TOO_MANY_USERS":
      return `This server is serving as many users as it can at the moment. Try again in ${refusal.retryAfterMs} ms.`;
    case "ISSUER_UNREACHABLE":
      return `The keys of the token's issuer can't be fetched at the moment. Try again in ${refusal.retryAfterMs} ms.`;
    case "VERSION_MISMATCH":
      return `A new version is being deployed. Try again in ${refusal.retryAfterMs} ms, with the same request token.`;
    case "INTERNAL":
      return "Something went wrong on the server. Try again with the same request token; if it persists, report the request id.";
    case "BODY_TOO_LARGE":
      return `The request body is larger than ${refusal.limitBytes} bytes.`;
    case "UNKNOWN_OPERATION":
      return explainUnknownPath(refusal);
    case "METHOD_NOT_ALLOWED":
      return `This path accepts ${refusal.allowed.join(", ")} only.`;
    case "UNSUPPORTED_MEDIA_TYPE":
      return "This server does not accept the Content-Type or the encoding: send application/json, uncompressed or with gzip.";
    case "NOT_IMPLEMENTED":
      return `${refusal.operation} is not implemented yet.`;
    case "DEADLINE_EXCEEDED":
      return "The deadline passed before the call was made. Try again with the same request token.";
  }
}

function explainViolations(violations: readonly Violation[], dialect: Dialect): string {
  const texts = violations.map(
    (violation) =>
      `Value at '${memberPath(violation, dialect)}' failed to satisfy constraint: ${rule(violation, dialect)}`,
  );
  return `${violations.length} validation error${violations.length === 1 ? "" : "s"} detected: ${texts.join("; ")}`;
}

function memberPath({ field }: Violation, dialect: Dialect): string {
  return fields(field)
    .map((member) => dialect.names(member)[0])
    .join(".");
}

/** The words of the constraint checker, and besides them what the caller needs: the values of an enum, or an example. */
function rule({ field, ruleId, message }: Violation, dialect: Dialect): string {
  const member = fields(field).at(-1);
  if (ruleId === "enum.defined_only" && member?.fieldKind === "enum") {
    const names = member.enum.values.filter(({ number }) => number !== 0).map(dialect.enumName);
    return `must be one of ${names.join(", ")}`;
  }
  const example = member && exampleIn(member);
  return example === undefined ? message : `${message} (valid is, for example, ${example})`;
}

function fields(path: Violation["field"]): DescField[] {
  return path.filter((element) => element.kind === "field");
}
