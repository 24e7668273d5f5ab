import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";

/** Without a slash at its end. An address of IPv6 stands in brackets there. */
export function serverUrl(host: string, port: number): string {
  return `http://${hostInUrl(host)}:${port}`;
}

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
