/** `npm start`: POST /pushes. */
import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AppInstanceUserEndpointType, RollcallError } from "rollcall-client";
import { z } from "zod";
import { senderParts, serverSettings } from "./config.ts";
import { PushRequest } from "./request.ts";
import { createSender, type PushResult } from "./sender.ts";

const BODY_MAX_BYTES = 1_048_576;

/** What whoever asked is to wait for, before they ask again for those who could not be served. */
const ASK_AGAIN_AFTER_SECONDS = 10;

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** For nobody: whoever asked has gone. */
const BROKEN_OFF: Answer = { status: 400, body: { error: "the request broke off" } };

const { host, port, secret } = serverSettings();
const parts = senderParts();
const send = createSender(parts);

const server = createServer(async (request, response) => {
  respond(response, await answerTo(request).catch((error) => (request.complete ? failure(error) : BROKEN_OFF)));
});
await once(server.listen(port, host), "listening");
const types = [...parts.services.keys()].map((type) => AppInstanceUserEndpointType[type]);
log({ event: "listening", port: (server.address() as AddressInfo).port, types });

process.once("SIGTERM", async () => {
  // What is on its way ends first.
  await new Promise((resolve) => server.close(resolve));
  await Promise.all([...parts.services.values()].map((service) => service.close()));
});

async function answerTo(request: IncomingMessage): Promise<Answer> {
  const path = `${request.method} ${request.url}`;
  if (path === "GET /health") {
    return { status: 200, body: { ok: true } };
  }
  if (path !== "POST /pushes") {
    return { status: 404, body: { error: "POST /pushes" } };
  }
  if (!isAllowed(request.headers.authorization)) {
    return { status: 401, body: { error: "Send the secret: Authorization: Bearer …" } };
  }
  const body = await read(request);
  if (body === undefined) {
    return { status: 413, body: { error: `more than ${BODY_MAX_BYTES} bytes` } };
  }
  const { data, error } = PushRequest.safeParse(parsed(body));
  return error === undefined ? answerOf(data) : { status: 400, body: { error: z.prettifyError(error) } };
}

/** 503 asks for the same once more, as queues do by themselves: who has got it gets it no second time. */
async function answerOf(request: PushRequest): Promise<Answer> {
  const began = performance.now();
  const result = await send(request);
  log({ event: "push", ...summary(result), ms: Math.round(performance.now() - began) });
  return { status: result.isIncomplete ? 503 : 200, body: result };
}

function failure(error: Error): Answer {
  if (error instanceof RollcallError) {
    const { kind } = error.failure;
    log({ event: "rollcall", kind, message: error.message, requestId: error.requestId });
    const isPassing = ["throttled", "unavailable", "network", "deadline_exceeded"].includes(kind);
    return { status: isPassing ? 503 : 502, body: { error: `Rollcall: ${kind}` } };
  }
  log({ event: "bug", stack: error.stack });
  return { status: 500, body: { error: "a bug" } };
}

/** No users and no tokens. */
function summary({ id, users }: PushResult) {
  const told = users.flatMap((user) => ("error" in user ? [user.error] : user.devices.map(({ outcome }) => outcome)));
  const outcomes = Object.entries(Object.groupBy(told, (outcome) => outcome));
  return {
    id,
    users: users.length,
    ...Object.fromEntries(outcomes.map(([outcome, all = []]) => [outcome, all.length])),
  };
}

function isAllowed(authorization = ""): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return secret === undefined || timingSafeEqual(hash(authorization), hash(`Bearer ${secret}`));
}

/** Undefined if it is too large. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= BODY_MAX_BYTES) {
      chunks.push(chunk);
    }
  }
  return bytes > BODY_MAX_BYTES ? undefined : Buffer.concat(chunks).toString();
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function respond(response: ServerResponse, { status, body }: Answer): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  if (!server.listening) {
    // It is being stopped, and waits for nobody's next request.
    response.setHeader("connection", "close");
  }
  if (status === 503) {
    response.setHeader("retry-after", ASK_AGAIN_AFTER_SECONDS);
  }
  response.end(`${JSON.stringify(body)}\n`);
}

function log(line: object): void {
  console.log(JSON.stringify({ at: new Date().toISOString(), ...line }));
}
