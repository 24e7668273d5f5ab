/** Reads the requests of AWS's restJson1: see routes. */
import { type DescField, type Message, ScalarType } from "@bufbuild/protobuf";
import type { Failure } from "../../model/failure.ts";
import type { Incoming } from "../incoming.ts";
import { BODY, gunzip, parseJson } from "../messages/body.ts";
import { kebabCase, pascalCase, REST } from "../messages/dialect.ts";
import { integerIn, readable, readMessage, readScalar, refuse } from "../messages/read.ts";
import type { Operation } from "../messages/service.ts";

/** What a path holds, by the names of the rule that it matched, not yet decoded. */
export type PathVariables = ReadonlyMap<string, string>;

/** What AWS SDKs send, the mobile ones application/x-amz-json-1.0; a missing type is taken as JSON. */
const JSON_TYPE = /^application\/(json|x-amz-json-1\.[01])$/i;

/** Whether a request says that its body is JSON, compressed or not. */
export function isJson(headers: Headers): boolean {
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim() ?? "";
  const encoding = headers.get("content-encoding") ?? "identity";
  return (type === "" || JSON_TYPE.test(type)) && /^(identity|gzip)$/i.test(encoding);
}

/** The members of a request come from its body or its query, and those in the path win over both. */
export async function decodeRequest(
  { method, route }: Operation,
  variables: PathVariables,
  { request, url }: Incoming,
  body: Uint8Array,
): Promise<Message | Failure> {
  const isGzip = /gzip/i.test(request.headers.get("content-encoding") ?? "");
  const content = isGzip ? await gunzip(body) : body;
  if ("kind" in content) {
    return content;
  }
  return readable(() => {
    // An SDK sends `{}` where there is nothing to say; an empty body is taken for that.
    const data = !route.hasBody || content.byteLength === 0 ? {} : parseJson(content);
    const message = readMessage(method.input, data, REST, BODY);
    const query = route.hasBody ? undefined : new URLSearchParams(url.search.replaceAll("+", "%2B"));
    for (const member of method.input.fields) {
      const variable = variables.get(member.name);
      const parameter = query?.get(kebabCase(member.name));
      if (variable !== undefined) {
        setFromText(message, member, decodePathVariable(variable, member), pascalCase(member.name));
      } else if (typeof parameter === "string") {
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
  Object.assign(message, { [member.localName]: readScalar(member.scalar, value, REST, at) });
}
