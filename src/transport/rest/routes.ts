/**
 * AWS's restJson1 wire, for the AWS SDKs, the AWS CLI and mobile apps built on them.
 *
 * Routes come from the google.api.http options of the service, members from its messages. Source of the dialect:
 * smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html, and what boto3 1.43 and the SDK for JavaScript 3.1080
 * were seen to send.
 */
import type { Context } from "hono";
import type { Incoming } from "../incoming.ts";
import { REST } from "../messages/dialect.ts";
import { OPERATIONS, type Operation } from "../messages/service.ts";
import { writeMessage } from "../messages/write.ts";
import { perform, type Refusal, type Service } from "../operations.ts";
import { unknownPath } from "../refusals/unknown-path.ts";
import type { RequestEvent } from "../request-event.ts";
import { respond, respondJson } from "../respond.ts";
import { restError } from "./errors.ts";
import { type PathTemplate, pathTemplate } from "./path-template.ts";
import { decodeRequest, isJson, type PathVariables } from "./request.ts";

/** Serves a request to a path of the service. */
export type RestWire = (incoming: Incoming) => Promise<Response>;

/** The paths under which all routes are, for a router that looks no further. */
export const REST_PATHS: readonly string[] = [
  ...new Set(OPERATIONS.map(({ route }) => route.path.replace(/^(\/[^/]+).*$/, "$1/*"))),
];

/** A path of the service, and what it does by the HTTP method. */
interface Route {
  readonly template: PathTemplate;
  readonly operations: ReadonlyMap<string, Operation>;
}

const ROUTES: readonly Route[] = Array.from(
  Map.groupBy(OPERATIONS, ({ route }) => route.path),
  ([path, operations]) => ({
    template: pathTemplate(path),
    operations: new Map(operations.map((operation) => [operation.route.verb, operation])),
  }),
);

export function restWire(service: Service): RestWire {
  return async (incoming) => {
    const { request, url, event } = incoming;
    for (const { template, operations } of ROUTES) {
      const variables = template.match(url.pathname);
      if (variables !== undefined) {
        // A HEAD is a GET whose body the router leaves out.
        const operation = operations.get(request.method === "HEAD" ? "GET" : request.method);
        return operation === undefined
          ? restRefusal(event, { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed: [...operations.keys()] })
          : answer(incoming, operation, variables, service);
      }
    }
    return restRefusal(event, unknownPath(url));
  };
}

/** Answers the methods that a path does not take, and says which it does. */
export function otherMethods(allowed: readonly string[]): (context: Context<{ Bindings: Incoming }>) => Response {
  return ({ env }) => restRefusal(env.event, { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed });
}

/** Answers a refusal. */
export function restRefusal(event: RequestEvent, refusal: Refusal): Response {
  event.outcome = refusal;
  return respondJson(event, restError(refusal));
}

async function answer(
  incoming: Incoming,
  operation: Operation,
  variables: PathVariables,
  service: Service,
): Promise<Response> {
  const { request, event } = incoming;
  event.wire = "rest";
  event.operation = operation.name;
  if (operation.route.hasBody && !isJson(request.headers)) {
    return restRefusal(event, { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE" });
  }
  const decode = (body: Uint8Array) => decodeRequest(operation, variables, incoming, body);
  const outcome = await perform({ operation, incoming, decode }, service);
  event.outcome = outcome;
  if (outcome.kind !== "ok") {
    return restRefusal(event, outcome);
  }
  const status = operation.successStatus;
  return status === 204
    ? respond(event, { status, body: null })
    : respondJson(event, { status, body: writeMessage(operation.method.output, outcome.response, REST) });
}
