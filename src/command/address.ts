import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";

/** Where a server that listens on a host is called from this machine; without a slash at its end. */
export function serverUrl(host: string, port: number): string {
  return `http://${calledAt(host)}:${port}`;
}

/** The addresses that stand for all are none to call. */
export function calledAt(host: string): string {
  return hostInUrl({ "0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1" }[host] ?? host);
}

/** An address of IPv6 stands in brackets in a URL. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * Asks a server on this machine for its health. `fetch` would ask a proxy that the environment names, and that reaches
 * another machine, if any.
 */
export async function health(url: string): Promise<number | undefined> {
  const [response] = (await once(get(`${url}/health`, { agent: false }), "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}
