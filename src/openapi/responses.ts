/** What answers look like: successes, and refusals by their status. */
import type { Operation } from "../worker/transport/operations.ts";
import type { Comments } from "./comments.ts";
import { type Example, refusalsOf } from "./errors.ts";
import { exampleOfMembers } from "./examples.ts";
import { type JsonObject, ref } from "./json.ts";

const JSON_TYPE = "application/json";

/** Of every answer, besides those that HTTP itself has. */
export const COMMON_HEADERS = { "x-amzn-RequestId": ref("headers", "x-amzn-RequestId") };

/** The headers of answers, by the names that they are described under. Each is always there where it is described. */
export const HEADERS: JsonObject = {
  "x-amzn-RequestId": {
    required: true,
    description: "The id of this request in the server's log. Quote it when you report a problem.",
    schema: { type: "string", format: "uuid" },
  },
  "Retry-After": {
    required: true,
    description: "How long to wait before the next try, in seconds.",
    schema: { type: "integer", minimum: 1 },
  },
  "x-amz-retry-after": {
    required: true,
    description: "The same in milliseconds, as AWS SDKs read it.",
    schema: { type: "integer", minimum: 1 },
  },
  "WWW-Authenticate": {
    required: true,
    description: "The ways to authenticate.",
    schema: { type: "string" },
  },
};

export function responsesOf(operation: Operation, comments: Comments): JsonObject {
  return { [operation.successStatus]: success(operation, comments), ...refusalResponses(refusalsOf(operation)) };
}

/** By their status. */
export function refusalResponses(refusals: readonly Example[]): JsonObject {
  const byStatus = Map.groupBy(refusals, ({ status }) => String(status));
  return Object.fromEntries(Array.from(byStatus, ([status, examples]) => [status, refusalResponse(examples)]));
}

function success({ method: { output }, successStatus }: Operation, comments: Comments): JsonObject {
  const description = { description: comments(output), headers: COMMON_HEADERS };
  const content = { schema: ref("schemas", output.name), example: exampleOfMembers(output.fields) };
  return successStatus === 204 ? description : { ...description, content: { [JSON_TYPE]: content } };
}

function refusalResponse(examples: readonly Example[]): JsonObject {
  const types = [...new Set(examples.map(({ headers }) => headers["x-amzn-errortype"]))];
  const meanings = examples.map(({ reason, body }) => `- \`${reason}\`: ${body.message}`);
  return {
    description: [types.join(", "), "", ...meanings].join("\n"),
    headers: {
      ...COMMON_HEADERS,
      "X-Amzn-ErrorType": {
        required: true,
        description: "The exception that AWS SDKs raise.",
        schema: { type: "string", enum: types },
      },
      ...headersIn(examples),
    },
    content: {
      [JSON_TYPE]: {
        schema: ref("schemas", "Error"),
        examples: Object.fromEntries(examples.map(({ reason }) => [reason, ref("examples", reason)])),
      },
    },
  };
}

/** References to what is described of the headers that these refusals have. Throws if one of them is not. */
function headersIn(examples: readonly Example[]): JsonObject {
  const names = new Set(examples.flatMap(({ headers }) => Object.keys(headers)));
  names.delete("x-amzn-errortype");
  return Object.fromEntries(
    Array.from(names, (name) => {
      const described = Object.keys(HEADERS).find((candidate) => candidate.toLowerCase() === name);
      if (described === undefined) {
        throw new Error(`The header ${name} is not described`);
      }
      return [described, ref("headers", described)];
    }),
  );
}
