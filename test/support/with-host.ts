import { request as httpRequest, type IncomingMessage } from "node:http";
import type { WireRequest } from "./wire.ts";

/** Sends a request as it stands to a server, under a Host of one's choice: fetch allows none. */
export async function sendAs(host: string, url: string, { method, path, headers, body }: WireRequest) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(url + path, { method, headers: { ...headers, host } }, resolve);
    request.on("error", reject).end(body ?? undefined);
  });
  return { status: response.statusCode, text: (await response.toArray()).join("") };
}
