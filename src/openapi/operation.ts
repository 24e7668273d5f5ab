import type { DescField } from "@bufbuild/protobuf";
import { kebabCase, REST } from "../worker/transport/messages/dialect.ts";
import type { Operation } from "../worker/transport/operations.ts";
import { type Comments, summarised } from "./comments.ts";
import { exampleOf, exampleOfMembers } from "./examples.ts";
import { type JsonObject, ref } from "./json.ts";
import { responsesOf } from "./responses.ts";
import { isRequired, memberSchema } from "./schema.ts";

/** The path of an operation, its variables spelled as the other members are. */
export function pathOf({ route, method }: Operation): string {
  return method.input.fields.reduce(
    (path, member) => path.replace(`{${member.name}}`, `{${REST.names(member)[0]}}`),
    route.path,
  );
}

export function operationObject(operation: Operation, comments: Comments): JsonObject {
  const { method, name, route } = operation;
  const { inPath, others } = membersOf(operation);
  const [summary, more] = summarised(comments(method));
  // Which errors it has is said with the answers, one by one.
  const description = more.replace(/(?:^|\n\n)Errors besides[^\n]*/, "").trim();
  return {
    operationId: name,
    summary,
    ...(description !== "" && { description }),
    tags: ["Endpoints"],
    parameters: [
      ...inPath.map((member) => parameter("path", REST.names(member)[0], member, comments)),
      ...(route.hasBody ? [] : others.map((member) => parameter("query", kebabCase(member.name), member, comments))),
    ],
    ...(route.hasBody && { requestBody: requestBody(operation, others, comments) }),
    responses: responsesOf(operation, comments),
  };
}

/** The members of the request that its path holds, and the others. */
export function membersOf({ method, route }: Operation): { inPath: DescField[]; others: DescField[] } {
  const isInPath = (member: DescField) => route.path.includes(`{${member.name}}`);
  return {
    inPath: method.input.fields.filter(isInPath),
    others: method.input.fields.filter((member) => !isInPath(member)),
  };
}

function parameter(where: "path" | "query", name: string, member: DescField, comments: Comments): JsonObject {
  const { description, ...schema } = memberSchema(member, comments);
  const required = isRequired(member);
  // What may be left out is, in an example.
  return { name, in: where, required, description, schema, ...(required && { example: exampleOf(member) }) };
}

/** An empty body is read as an empty object. */
function requestBody({ method: { input } }: Operation, members: readonly DescField[], comments: Comments): JsonObject {
  return {
    description: comments(input),
    required: members.some(isRequired),
    content: { "application/json": { schema: ref("schemas", input.name), example: exampleOfMembers(members) } },
  };
}
