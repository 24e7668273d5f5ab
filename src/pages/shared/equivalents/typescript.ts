import { isReflectMessage, type ReflectList, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { isTimestamp } from "../../../worker/transport/messages/dialect.ts";
import type { Call } from "../api/call.ts";
import type { Credentials } from "../api/credentials.ts";

/** The call for the package rollcall-client; undefined where that makes no such call. */
export function typescript(origin: string, call: Call, { typescript: credentials }: Credentials): string | undefined {
  if (credentials === undefined) {
    return undefined;
  }
  const { method } = call.operation;
  const request = reflect(method.input, call.request);
  const imported = [...enumsIn(request), "createRollcallClient"].toSorted((a, b) => (a < b ? -1 : 1));
  return `import { ${imported.join(", ")} } from "rollcall-client";

const rollcall = createRollcallClient({
  baseUrl: ${JSON.stringify(origin)},
  credentials: ${credentials},
});

const response = await rollcall.${method.localName}(${literal(request, "")});
console.dir(response, { depth: null });`;
}

/** The message as a literal of TypeScript; `indent` is that of the line where it begins. */
function literal(message: ReflectMessage, indent: string): string {
  const lines = set(message).map((member) => `${indent}  ${member.localName}: ${value(message, member, indent)},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

function value(message: ReflectMessage, member: ReflectMessage["fields"][number], indent: string): string {
  switch (member.fieldKind) {
    case "enum": {
      const known = member.enum.value[message.get(member)];
      return known === undefined ? String(message.get(member)) : `${member.enum.name}.${known.localName}`;
    }
    case "message":
      return submessage(message.get(member), `${indent}  `);
    case "list":
      return list(message.get(member), `${indent}  `);
    default:
      return JSON.stringify(message.get(member));
  }
}

function list(items: ReflectList, indent: string): string {
  const lines = Array.from(items, (item) => {
    const text = isReflectMessage(item) ? submessage(item, `${indent}  `) : JSON.stringify(item);
    return `${indent}  ${text},\n`;
  });
  return `[\n${lines.join("")}${indent}]`;
}

/** Seconds are a bigint, which is no JSON. */
function submessage(message: ReflectMessage, indent: string): string {
  if (!isTimestamp(message.desc)) {
    return literal(message, indent);
  }
  const { seconds, nanos } = message.message as Timestamp;
  return `{ seconds: ${seconds}n, nanos: ${nanos} }`;
}

function enumsIn(message: ReflectMessage): string[] {
  return set(message).flatMap((member) => (member.fieldKind === "enum" ? [member.enum.name] : []));
}

function set(message: ReflectMessage) {
  return message.fields.filter((member) => message.isSet(member));
}
