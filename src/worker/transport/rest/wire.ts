/**
 * AWS's restJson1 wire, for the AWS SDKs, the AWS CLI and mobile apps built on them.
 *
 * Routes come from the google.api.http options of the service, members from its messages. Source of the dialect:
 * smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html, and what boto3 1.43 and the SDK for JavaScript 3.1080
 * were seen to send.
 */
import type { Failure } from "../../model/failure.ts";
import type { Incoming } from "../incoming.ts";
import { OPERATIONS, type Operation, ROOTS } from "../operations.ts";
import { unknownPath } from "../refusals/unknown-path.ts";
import type { Call, Wire } from "../wire.ts";
import { type PathTemplate, pathTemplate } from "./path-template.ts";
import { decode, isJson, MEDIA_TYPES, type RestCall } from "./request.ts";
import { encode, errorReply } from "./response.ts";

export const REST: Wire = { name: "rest", route, call, refusal: errorReply };

/** A path of the service, and what it does by the HTTP method. */
interface Path {
  readonly template: PathTemplate;
  readonly operations: ReadonlyMap<string, Operation>;
}

/** Whether a path is one that REST answers, be it by saying that it has nothing there. */
export function isRestPath(path: string): boolean {
  return ROOTS.some((root) => `${path}/`.startsWith(root));
}

const PATHS: readonly Path[] = Array.from(
  Map.groupBy(OPERATIONS, (operation) => operation.route.path),
  ([path, operations]) => ({
    template: pathTemplate(path),
    operations: new Map(operations.map((operation) => [operation.route.verb, operation])),
  }),
);

function route({ request, url }: Incoming): RestCall | Failure {
  for (const { template, operations } of PATHS) {
    const variables = template.match(url.pathname);
    if (variables !== undefined) {
      // A HEAD is a GET whose body is left out.
      const operation = operations.get(request.method === "HEAD" ? "GET" : request.method);
      return operation === undefined
        ? { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed: [...operations.keys()] }
        : { operation, variables };
    }
  }
  return unknownPath(url);
}

function call(found: RestCall, { head, url }: Incoming): Call | Failure {
  const { operation } = found;
  if (operation.route.hasBody && !isJson(head)) {
    return { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE", supported: MEDIA_TYPES };
  }
  return {
    operation,
    // REST has no way to name one.
    deadline: Number.POSITIVE_INFINITY,
    decode: (body) => decode(found, url, head, body),
    encode: ({ response }) => encode(operation, response),
  };
}
