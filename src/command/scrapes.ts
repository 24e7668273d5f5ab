/** `/metrics`, for Prometheus: what `npm run serve` and `npm run gateway` count, on a port of its own, which no proxy in front makes public. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Address, serverUrl } from "./address.ts";

/** The text format: every scraper reads that one, and `promtool` checks it. */
const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Scrapers are few, send their few lines at once, and read what is answered. Whoever does not must not keep them out, be it by as many connections
 * as there may be.
 */
const CONNECTIONS_MAX = 100;
const REQUEST_MAX_MS = 3_000;
const LOOK_MS = 1_000;
/** How long an answer may wait for its reader to go on. */
const UNREAD_MAX_MS = 3_000;

/** Serves it, and answers where. Rejects with Node's own error where nothing can listen there. */
export async function serveScrapes({ host, port }: Address, collect: () => Promise<string>): Promise<string> {
  const bounds = {
    headersTimeout: REQUEST_MAX_MS,
    requestTimeout: REQUEST_MAX_MS,
    connectionsCheckingInterval: LOOK_MS,
  };
  const server: Server = createServer(bounds, async ({ method, url }, response) => {
    const answer = (status: number, body: string, headers = {}) => {
      // Then its connection ends.
      response.setTimeout(UNREAD_MAX_MS).writeHead(status, headers).end(body);
    };
    if (url !== "/metrics" || (method !== "GET" && method !== "HEAD")) {
      answer(404, "Here is GET /metrics, and nothing else.\n");
      return;
    }
    try {
      const text = await collect();
      answer(200, text, { "content-type": EXPOSITION_TYPE });
    } catch (error) {
      // Prometheus keeps what it was told of a scrape that failed.
      answer(503, `${(error as Error).message}\n`);
    }
  });
  server.maxConnections = CONNECTIONS_MAX;
  await once(server.listen({ host, port }), "listening");
  // It keeps no program running by itself.
  server.unref();
  return `${serverUrl(host, (server.address() as AddressInfo).port)}/metrics`;
}
