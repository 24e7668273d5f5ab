/** Reads the requests of AWS's restJson1: see wire. */
import { type DescField, type Message, ScalarType } from "@bufbuild/protobuf";
import { has, onlyValue, type Parameter, parseQuery } from "../../auth/sigv4/query.ts";
import type { Failure } from "../../model/failure.ts";
import { gunzip } from "../http/body.ts";
import { ENCODINGS, type RequestHead } from "../http/head.ts";
import { kebabCase, REST } from "../messages/dialect.ts";
import { BODY, integerIn, parseJson, readable, readMessage, readScalar, refuse } from "../messages/read.ts";
import type { Operation } from "../operations.ts";
import type { Route } from "../wire.ts";

/** Which operation is called, and what the path says of its request. */
export interface RestCall extends Route {
  readonly operation: Operation;
  /** What the path holds, by the names of the members, not yet decoded. */
  readonly variables: ReadonlyMap<string, string>;
}

/** What AWS SDKs send, the mobile ones application/x-amz-json-1.0; a missing type is taken as JSON. */
export const MEDIA_TYPES = ["application/json", "application/x-amz-json-1.0", "application/x-amz-json-1.1"];

/** Whether a request says that its body is JSON, compressed or not. */
export function isJson({ contentType, encoding }: RequestHead): boolean {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return (type === "" || MEDIA_TYPES.includes(type)) && ENCODINGS.includes(encoding);
}

/** The members of a request come from its body or its query, and those in the path win over both. */
export function decode(
  { operation: { method, route }, variables }: RestCall,
  url: URL,
  { encoding }: RequestHead,
  body: Uint8Array,
): Message | Failure {
  const content = encoding === "gzip" && body.byteLength > 0 ? gunzip(body) : body;
  if ("kind" in content) {
    return content;
  }
  return readable(() => {
    // An SDK sends `{}` where there is nothing to say; an empty body is taken for that.
    const data = !route.hasBody || content.byteLength === 0 ? {} : parseJson(content);
    const message = readMessage(method.input, data, REST, BODY);
    const query = route.hasBody ? [] : readQuery(url);
    for (const member of method.input.fields) {
      const variable = variables.get(member.name);
      if (variable !== undefined) {
        setFromPath(message, member, variable);
      } else if (query.length > 0) {
        setFromQuery(message, member, query);
      }
    }
    return message;
  });
}

/** As its signature is checked, so that what is signed and what is read are one. */
function readQuery(url: URL): readonly Parameter[] {
  return parseQuery(url) ?? refuse("the query", "percent-encoded UTF-8");
}

function setFromPath(message: Message, member: DescField, raw: string): void {
  const [name] = REST.names(member);
  setFromText(message, member, decodePathVariable(raw, name), name);
}

/** Decoded once: an ARN whose user id holds the text "%2F" arrives as "%252F" and must not become a slash. */
function decodePathVariable(raw: string, name: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return refuse(`${name} in the path`, "percent-encoded UTF-8");
  }
}

function setFromQuery(message: Message, member: DescField, query: readonly Parameter[]): void {
  const name = kebabCase(member.name);
  if (has(query, name)) {
    setFromText(message, member, onlyValue(query, name) ?? refuse(name, "in the query once"), name);
  }
}

function setFromText(message: Message, member: DescField, text: string, at: string): void {
  if (member.fieldKind !== "scalar") {
    throw new TypeError(`${member} is no scalar, and can't come from a path or a query`);
  }
  const value = member.scalar === ScalarType.STRING ? text : integerIn(text);
  Object.assign(message, { [member.localName]: readScalar(member.scalar, value, REST, at) });
}
