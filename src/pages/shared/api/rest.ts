import { kebabCase, pascalCase } from "../../../worker/transport/messages/dialect.ts";
import { writeMessage } from "../../../worker/transport/messages/write.ts";
import type { Call } from "./call.ts";
import type { WireRequest } from "./exchange.ts";

/** A call as AWS SDKs send it. */
export function restRequest({ operation: { method, route }, request }: Call): WireRequest {
  const members = new Map(Object.entries(writeMessage(method.input, request)));
  const path = route.path.replace(/\{(\w+)\}/g, (_, variable: string) => {
    const value = String(members.get(pascalCase(variable)) ?? "");
    members.delete(pascalCase(variable));
    return encodeURIComponent(value);
  });
  if (route.hasBody) {
    const body = JSON.stringify(Object.fromEntries(members));
    return { verb: route.verb, path, headers: { "content-type": "application/json" }, body };
  }
  const query = method.input.fields
    .filter((member) => members.has(pascalCase(member.name)))
    .map((member) => `${kebabCase(member.name)}=${encodeURIComponent(String(members.get(pascalCase(member.name))))}`);
  const search = query.length > 0 ? `?${query.join("&")}` : "";
  return { verb: route.verb, path: path + search, headers: {}, body: "" };
}
