/**
 * AWS's restJson1 wire, for the AWS SDKs, the AWS CLI and mobile apps built on them.
 *
 * Routes come from the google.api.http options of the service, members from its messages. Source of the dialect:
 * smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html, and what boto3 1.43 and the SDK for JavaScript 3.1080
 * were seen to send.
 */
import { type DescField, type Message, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Context, Hono } from "hono";
import type { Failure } from "../../model/failure.ts";
import { BODY, gunzip, parseJson } from "../messages/body.ts";
import { kebabCase, pascalCase, REST } from "../messages/dialect.ts";
import { integerIn, readable, readMessage, readScalar, refuse } from "../messages/read.ts";
import { OPERATIONS, type Operation } from "../messages/service.ts";
import { writeMessage } from "../messages/write.ts";
import { perform, type Refusal, type Service } from "../operations.ts";
import type { RequestVariables } from "../request-event.ts";
import { restError } from "./errors.ts";
import { type PathTemplate, pathTemplate } from "./path-template.ts";

type App = Hono<{ Variables: RequestVariables }>;
type RestContext = Context<{ Variables: RequestVariables }>;

/** Adds a route for every operation, and for every path of theirs an answer to methods that it does not take. */
export function addRestRoutes(app: App, service: Service): void {
  const methods = new Map<string, string[]>();
  for (const operation of OPERATIONS) {
    const { verb, path } = operation.route;
    const template = pathTemplate(path);
    for (const route of template.routes) {
      app.on(verb, route, (context) => answer(context, operation, template, service));
      methods.set(route, [...(methods.get(route) ?? []), verb]);
    }
  }
  for (const [route, allowed] of methods) {
    app.all(route, otherMethods(allowed));
  }
}

/** Answers the methods that a path does not take, and says which it does. */
export function otherMethods(allowed: readonly string[]): (context: RestContext) => Response {
  return (context) => restRefusal(context, { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed });
}

/** Answers a refusal. */
export function restRefusal(context: RestContext, refusal: Refusal): Response {
  context.var.event.outcome = refusal;
  const { status, headers, body } = restError(refusal);
  return Response.json(body, { status, headers });
}

async function answer(
  context: RestContext,
  operation: Operation,
  template: PathTemplate,
  service: Service,
): Promise<Response> {
  const request = context.req.raw;
  const { event } = context.var;
  event.wire = "rest";
  event.operation = operation.name;
  if (operation.route.hasBody && !isJson(request.headers)) {
    return restRefusal(context, { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE" });
  }
  const decode = (body: Uint8Array) => decodeRequest(operation, template, request, body);
  const outcome = await perform({ operation, request, event, decode }, service);
  event.outcome = outcome;
  return outcome.kind === "ok"
    ? success(operation.successStatus, writeMessage(operation.method.output, outcome.response, REST))
    : restRefusal(context, outcome);
}

function success(status: number, body: Record<string, unknown>): Response {
  return status === 204 ? new Response(null, { status }) : Response.json(body, { status });
}

/** What AWS SDKs send, the mobile ones application/x-amz-json-1.0; a missing type is taken as JSON. */
const JSON_TYPE = /^application\/(json|x-amz-json-1\.[01])$/i;

function isJson(headers: Headers): boolean {
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim() ?? "";
  const encoding = headers.get("content-encoding") ?? "identity";
  return (type === "" || JSON_TYPE.test(type)) && /^(identity|gzip)$/i.test(encoding);
}

/** The members of a request come from its body or its query, and those in the path win over both. */
async function decodeRequest(
  { method, route }: Operation,
  template: PathTemplate,
  request: Request,
  body: Uint8Array,
): Promise<Message | Failure> {
  const isGzip = /gzip/i.test(request.headers.get("content-encoding") ?? "");
  const content = isGzip ? await gunzip(body) : body;
  if ("kind" in content) {
    return content;
  }
  return readable(() => {
    const { search } = new URL(request.url);
    // An SDK sends `{}` where there is nothing to say; an empty body is taken for that.
    const data = !route.hasBody || content.byteLength === 0 ? {} : parseJson(content);
    const message = readMessage(method.input, data, REST, BODY);
    const variables = template.variables(rawPath(request));
    const query = new URLSearchParams(route.hasBody ? "" : search.replaceAll("+", "%2B"));
    for (const member of method.input.fields) {
      const variable = variables.get(member.name);
      const parameter = query.get(kebabCase(member.name));
      if (variable !== undefined) {
        setFromText(message, member, decodePathVariable(variable, member), pascalCase(member.name));
      } else if (parameter !== null) {
        setFromText(message, member, parameter, kebabCase(member.name));
      }
    }
    return message;
  });
}

/** Decoded once: an ARN whose user id holds the text "%2F" arrives as "%252F" and must not become a slash. */
function decodePathVariable(raw: string, member: DescField): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return refuse(`${pascalCase(member.name)} in the path`, "percent-encoded UTF-8");
  }
}

function setFromText(message: Message, member: DescField, text: string, at: string): void {
  if (member.fieldKind !== "scalar") {
    throw new TypeError(`${member} is no scalar, and can't come from a path or a query`);
  }
  const value = member.scalar === ScalarType.STRING ? text : integerIn(text);
  reflect(member.parent, message).set(member, readScalar(member.scalar, value, REST, at));
}

/** The path as it was sent: nothing in it decoded. The root where the Host header makes no URL of it. */
export function rawPath(request: Request): string {
  return URL.parse(request.url)?.pathname ?? "/";
}
