/** APNs and FCM, as far as a sender sees them: they answer each token with what Apple and Google document for its case. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const fixture = (name: string) => readFileSync(join(import.meta.dirname, "../fixtures", name));

/** That of both, for "localhost". */
export const CERTIFICATE = fixture("localhost.crt");

export interface Answer {
  readonly status: number;
  readonly body?: object;
}

export interface PushService {
  readonly port: number;
  close(): void;
}

/** Answers a token with what it is told to; takes HTTP/2 and HTTP/1.1. */
async function serve(
  tokenOf: (path: string, body: string) => string,
  answers: (token: string) => Answer,
): Promise<PushService> {
  const server = createSecureServer({ key: fixture("localhost.key"), cert: CERTIFICATE, allowHTTP1: true });
  server.on("request", async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const { status, body } = answers(tokenOf(request.url, await text(request)));
    response.writeHead(status, { "content-type": "application/json", "retry-after": "0" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  });
  await once(server.listen(0, "localhost"), "listening");
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

export function serveApns(answers: (token: string) => Answer): Promise<PushService> {
  return serve((path) => decodeURIComponent(path.split("/").at(-1) ?? ""), answers);
}

export function serveFcm(answers: (token: string) => Answer): Promise<PushService> {
  return serve((_, body) => {
    const { token, fid } = JSON.parse(body).message;
    return token ?? fid;
  }, answers);
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
