/** APNs and FCM, as far as a sender sees them: they answer each token with what Apple and Google document for its case. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export const fixture = (name: string) => join(import.meta.dirname, "../fixtures", name);

/** That of all of them, for "localhost" and for Google's names. */
export const CERTIFICATE_FILE = fixture("push-services.crt");
export const KEY_FILE = fixture("push-services.key");
export const CERTIFICATE = readFileSync(CERTIFICATE_FILE);

export interface Answer {
  readonly status: number;
  readonly body?: object;
  /** In seconds; 0 where it is absent. */
  readonly retryAfter?: number;
}

/** The connection ends when the request has come, and nobody knows what became of it. */
export type Behaviour = Answer | "lost";

export interface PushService {
  readonly port: number;
  close(): void;
}

/** Takes HTTP/2 and HTTP/1.1. */
export async function serve(answerTo: (path: string, body: string) => Behaviour): Promise<PushService> {
  const server = createSecureServer({ key: readFileSync(KEY_FILE), cert: CERTIFICATE, allowHTTP1: true });
  server.on("request", async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const answer = answerTo(request.url, await text(request));
    if (answer === "lost") {
      (request.stream?.session ?? request.socket).destroy();
      return;
    }
    const { status, body, retryAfter = 0 } = answer;
    response.writeHead(status, { "content-type": "application/json", "retry-after": String(retryAfter) });
    response.end(body === undefined ? "" : JSON.stringify(body));
  });
  await once(server.listen(0, "localhost"), "listening");
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

/** Answers a token with what it is told to. */
export function serveApns(answers: (token: string) => Behaviour): Promise<PushService> {
  return serve((path) => answers(decodeURIComponent(path.split("/").at(-1) ?? "")));
}

/** A message as FCM takes it. */
export interface FcmMessage {
  readonly token?: string;
  readonly fid?: string;
  readonly notification?: object;
  readonly data?: object;
  readonly android?: object;
}

export function serveFcm(answers: (token: string, message: FcmMessage) => Behaviour): Promise<PushService> {
  return serve((_, body) => {
    const { message } = JSON.parse(body) as { message: FcmMessage };
    return answers(message.token ?? message.fid ?? "", message);
  });
}

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

/** As in Google's reference of the API; the details come after the words. */
export function fcmError(status: number, code: string, errorCode?: string, ...details: object[]): Answer {
  const own = errorCode === undefined ? [] : [{ "@type": FCM_ERROR, errorCode }];
  return {
    status,
    body: { error: { code: status, message: "In words.", status: code, details: [...own, ...details] } },
  };
}

export const blaming = (field: string) => ({
  "@type": "type.googleapis.com/google.rpc.BadRequest",
  fieldViolations: [{ field, description: "In words." }],
});
