/**
 * The API as an OpenAPI 3.1 document: derived from the proto, and for refusals from the code that answers them. It is
 * made at build (scripts/assets.ts), and no part of the Worker.
 *
 * It describes the REST wire. Connect has its own description, the proto, from which its clients are generated.
 */
import type { DescEnum, DescMessage } from "@bufbuild/protobuf";
import manifest from "../../package.json" with { type: "json" };
import { AppInstanceUserEndpointService } from "../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { CREDENTIALS_PATH } from "../worker/transport/credentials.ts";
import { OPERATIONS, SERVICE_NAME } from "../worker/transport/operations.ts";
import { type Comments, commentsIn, summarised } from "./comments.ts";
import { CREDENTIALS, CREDENTIALS_REFUSALS, CREDENTIALS_SCHEMA } from "./credentials.ts";
import { DIRECTORY, DIRECTORY_REFUSALS, DIRECTORY_SCHEMAS } from "./directory.ts";
import { type Example, refusalsOf } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import { membersOf, operationObject, pathOf } from "./operation.ts";
import { COMMON_HEADERS, HEADERS } from "./responses.ts";
import { enumSchema, messageSchema, typesWithin } from "./schema.ts";

const { license, version } = manifest;

/** The document, given the proto compiled by `buf build`, which has the comments. */
export function openApiDocument(image: Uint8Array): JsonObject {
  const comments = commentsIn(image);
  const [summary, description] = summarised(comments(AppInstanceUserEndpointService));
  return {
    openapi: "3.1.1",
    info: {
      title: "Rollcall",
      version,
      summary,
      description: introduction(description),
      license: { name: license, identifier: license },
    },
    servers: [{ url: "/", description: "The server that this document comes from" }],
    tags: [
      { name: "Endpoints", description: "The push endpoints of users." },
      { name: "Server", description: "The server itself." },
    ],
    security: [{ sigv4: [] }, { bearer: [] }],
    paths: {
      ...operationPaths(comments),
      [CREDENTIALS_PATH]: { get: CREDENTIALS },
      "/directory": { get: DIRECTORY },
      "/health": { get: HEALTH },
    },
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: { ...schemas(comments), Credentials: CREDENTIALS_SCHEMA, ...DIRECTORY_SCHEMAS, Error: errorSchema() },
      headers: HEADERS,
      examples: Object.fromEntries(
        described().map(({ reason, headers, body: { Code, Message } }) => [
          reason,
          { summary: reason, value: { Code, Message }, "x-amzn-errortype": headers["x-amzn-errortype"] },
        ]),
      ),
    },
  };
}

/** The refusals that stand with what is refused. */
function described(): readonly Example[] {
  return [...OPERATIONS.flatMap(refusalsOf), ...CREDENTIALS_REFUSALS, ...DIRECTORY_REFUSALS];
}

function operationPaths(comments: Comments): JsonObject {
  const byPath = Map.groupBy(OPERATIONS, pathOf);
  return Object.fromEntries(
    Array.from(byPath, ([path, operations]) => [
      path,
      Object.fromEntries(
        operations.map((operation) => [operation.route.verb.toLowerCase(), operationObject(operation, comments)]),
      ),
    ]),
  );
}

/** Of the messages that stand in bodies, and of all within them. */
function schemas(comments: Comments): JsonObject {
  const requests = OPERATIONS.filter(({ route }) => route.hasBody);
  const responses = OPERATIONS.filter(({ successStatus }) => successStatus !== 204);
  const types = [...requests.map(({ method }) => method.input), ...responses.map(({ method }) => method.output)];
  return Object.fromEntries([
    ...requests.map((operation) => {
      const { input } = operation.method;
      return [input.name, messageSchema(input, membersOf(operation).others, comments)];
    }),
    ...responses.map(({ method: { output } }) => [output.name, messageSchema(output, output.fields, comments)]),
    ...types.flatMap(typesWithin).map((type) => [type.name, typeSchema(type, comments)]),
  ]);
}

function typeSchema(type: DescMessage | DescEnum, comments: Comments): JsonObject {
  return type.kind === "enum" ? enumSchema(type, comments) : messageSchema(type, type.fields, comments);
}

/**
 * Answers have the message as `message` too, which some SDKs look for. AWS's model names it as here, and generators make
 * code that does not compile out of members that differ by case alone.
 */
function errorSchema(): JsonObject {
  const codes = new Set(refusalsOf().map(({ body }) => body.Code));
  return {
    type: "object",
    description: "Why a call was refused.",
    properties: {
      Code: { type: "string", description: "The kind of error, as AWS's model names it.", enum: [...codes] },
      Message: {
        type: "string",
        description: "Which member, which rule, what to do. It repeats no value of the request.",
      },
    },
    required: ["Code", "Message"],
  };
}

const HEALTH: JsonObject = {
  operationId: "Health",
  summary: "Tells that the server serves, and its version.",
  description: "Needs no authentication, and wakes nothing.",
  tags: ["Server"],
  security: [],
  responses: {
    200: {
      description: "The server serves.",
      headers: COMMON_HEADERS,
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: { status: { const: "ok" }, version: { type: "string", description: "Of the server." } },
            required: ["status", "version"],
          },
          example: { status: "ok", version },
        },
      },
    },
  },
};

const SECURITY_SCHEMES: JsonObject = {
  sigv4: {
    type: "apiKey",
    name: "Authorization",
    in: "header",
    // By this, tools that know AWS know that it is a signature and not a key.
    "x-amazon-apigateway-authtype": "awsSigv4",
    description:
      "AWS Signature Version 4, for service `chime` and any region, unless the server is configured to accept only some: in this header, or " +
      "in the query of a presigned URL. AWS SDKs and the AWS CLI make it from an access key that Rollcall knows, or from what " +
      "`GET /credentials` answers.",
  },
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A JWT of an issuer that the server knows. In local mode, `npm run token -- USER` prints one.",
  },
};

function introduction(description: string): string {
  const told = new Set(described().map(({ reason }) => reason));
  const elsewhere = refusalsOf().filter(({ reason }) => !told.has(reason));
  const rows = elsewhere.map(
    ({ status, headers, body }) => `- ${status} \`${headers["x-amzn-errortype"]}\`: ${body.Message}`,
  );
  return `${description}

## Requests

In a path, an ARN and an id are percent-encoded once. A body has the type \`application/json\`, \
\`application/x-amz-json-1.0\` or \`application/x-amz-json-1.1\`, and may be compressed with gzip. A member that is \`null\` \
counts as left out, and members that an operation does not have are ignored.

## Errors

The header \`X-Amzn-ErrorType\` names the exception that AWS SDKs raise, and the message says what to do. To retry a call, wait as \
long as \`Retry-After\` says, and send the same \`ClientRequestToken\`: the device is then registered once, even if the first answer \
was lost. Every path may also answer:

${rows.join("\n")}

## Connect and gRPC-Web

This describes REST, which the AWS SDKs and the AWS CLI speak. The same operations are there for Connect and gRPC-Web, at \
\`POST /${SERVICE_NAME}/{operation}\`, in Protobuf or its JSON mapping: members in lowerCamelCase, and enum values by \
their full names. Errors are codes there, with the reasons that are listed with each operation in \`google.rpc.ErrorInfo\`.
`;
}
