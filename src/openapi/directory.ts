/** `GET /directory`, which is no operation of the proto. */
import { DEVICES_COUNTED_MAX, LOSERS_COUNTED_MAX } from "../worker/model/limits.ts";
import { OF_CREDENTIALS } from "../worker/transport/refusals/of-credentials.ts";
import type { Reason } from "../worker/transport/refusals/refusal.ts";
import { refusalsFor } from "./errors.ts";
import { type JsonObject, ref } from "./json.ts";
import { COMMON_HEADERS, refusalResponses } from "./responses.ts";

/** How it is refused: as who calls REST is, and for what it needs. */
export const DIRECTORY_REFUSALS = refusalsFor([
  ...(["HOST_NOT_LOCAL", "HOST_NOT_SERVED", "ORIGIN_NOT_ALLOWED"] as const),
  ...(Object.keys(OF_CREDENTIALS) as Reason[]).filter((reason) => reason !== "TOKEN_REQUIRED"),
  ...([
    "CALLER_RATE_EXCEEDED",
    "NOT_AUTHORIZED",
    "DIRECTORY_NOT_CONFIGURED",
    "DIRECTORY_UNREACHABLE",
    "INTERNAL",
  ] as const),
]);

/** What is answered of each shard, and of all together. */
const FIGURES: JsonObject = {
  Devices: count(`Devices that users have, of each shard up to ${DEVICES_COUNTED_MAX}.`),
  Losers: count(`Users who have lost a device and have yet to be told, of each shard up to ${LOSERS_COUNTED_MAX}.`),
  LosersForSeconds: count("For how long the first of them has waited."),
  Events: count("Events that have yet to be delivered."),
  EventsForSeconds: count("For how long the oldest of them has waited."),
  Bytes: count("Of the databases."),
};

const EXAMPLE = { Devices: 120431, Losers: 2, LosersForSeconds: 31, Events: 0, EventsForSeconds: 0, Bytes: 33423360 };

export const DIRECTORY: JsonObject = {
  operationId: "GetDirectory",
  summary: "Tells those who operate the server how its Directory of devices is.",
  description:
    "It takes a policy that allows `chime:GetDirectory` on the resource `*`, and counts as a call about many users does. It names nobody. " +
    "It asks each shard, and each reads what it counts: ask now and then.",
  tags: ["Server"],
  parameters: [
    {
      name: "region",
      in: "query",
      required: false,
      description:
        "Where the server places data by jurisdictions: asks the shards that have the users of this region. Elsewhere it has no effect.",
      schema: { type: "string" },
      example: "eu-central-1",
    },
  ],
  responses: {
    200: {
      description: "What the Directory has and what waits there, in all and in each shard.",
      headers: COMMON_HEADERS,
      content: {
        "application/json": {
          schema: ref("schemas", "Directory"),
          example: { ...EXAMPLE, Shards: [{ Shard: "A", ...EXAMPLE }] },
        },
      },
    },
    ...refusalResponses(DIRECTORY_REFUSALS),
  },
};

export const DIRECTORY_SCHEMAS: JsonObject = {
  Directory: {
    type: "object",
    description: "How the Directory is. Of seconds it is the longest of all shards.",
    properties: {
      ...FIGURES,
      Shards: { type: "array", description: "Each of its 64 shards.", items: ref("schemas", "DirectoryShard") },
    },
    required: [...Object.keys(FIGURES), "Shards"],
  },
  DirectoryShard: {
    type: "object",
    description: "How a shard of the Directory is.",
    properties: { Shard: { type: "string", description: "Its name." }, ...FIGURES },
    required: ["Shard", ...Object.keys(FIGURES)],
  },
};

function count(description: string): JsonObject {
  return { type: "integer", minimum: 0, description };
}
