/** `GET /credentials`, which is no operation of the proto. */
import { refusalsFor } from "./errors.ts";
import { type JsonObject, ref } from "./json.ts";
import { COMMON_HEADERS, refusalResponses } from "./responses.ts";

/** How it is refused. */
export const CREDENTIALS_REFUSALS = refusalsFor([
  ...(["HOST_NOT_LOCAL", "HOST_NOT_SERVED", "ORIGIN_NOT_ALLOWED", "NO_PRINCIPALS", "TOKEN_REQUIRED"] as const),
  ...(["TOKEN_REFUSED", "TOKEN_EXPIRED", "ISSUER_UNREACHABLE", "CALLER_RATE_EXCEEDED", "INTERNAL"] as const),
]);

const SESSION_TOKEN = `1.${"c2Vzc2lvbi".repeat(8)}`;

export const CREDENTIALS: JsonObject = {
  operationId: "GetCredentials",
  summary: "Turns a user's token into credentials for AWS SDKs.",
  description:
    "For servers with `SESSION_SECRETS`; elsewhere nothing is here (404). AWS SDKs ask for it by themselves where " +
    "`AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` are set, and ask again before the " +
    "credentials expire. A token may come without `Bearer` here. Nothing but a token gets credentials.",
  tags: ["Server"],
  security: [{ bearer: [] }],
  responses: {
    200: {
      description: "Credentials that may do what the token may, for as long as that, and for an hour at the most.",
      headers: COMMON_HEADERS,
      content: {
        "application/json": {
          schema: ref("schemas", "Credentials"),
          example: {
            Version: 1,
            AccessKeyId: "ASIAQNZGKIQY56JQ7WML",
            SecretAccessKey: "Yc3Rpbmcga2V5IG9mIG5vIHNlc3Npb24gYXQgYWxsLg",
            Token: SESSION_TOKEN,
            SessionToken: SESSION_TOKEN,
            Expiration: "2026-11-24T13:00:00Z",
          },
        },
      },
    },
    ...refusalResponses(CREDENTIALS_REFUSALS),
  },
};

export const CREDENTIALS_SCHEMA: JsonObject = {
  type: "object",
  description: "What AWS SDKs read of container credentials, and of what a `credential_process` prints.",
  properties: {
    Version: { const: 1, description: "Of the format, for a `credential_process`." },
    AccessKeyId: { type: "string", description: "Begins with `ASIA`." },
    SecretAccessKey: { type: "string", description: "What to sign with.", "x-sensitive": true },
    Token: {
      type: "string",
      description: "What to send with each call, as `X-Amz-Security-Token`.",
      "x-sensitive": true,
    },
    SessionToken: { type: "string", description: "The same, for a `credential_process`.", "x-sensitive": true },
    Expiration: { type: "string", format: "date-time", description: "When they expire." },
  },
  required: ["Version", "AccessKeyId", "SecretAccessKey", "Token", "SessionToken", "Expiration"],
};
