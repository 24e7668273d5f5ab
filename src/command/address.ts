import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";

/** What a server listens on. */
export interface Address {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Reads HOST:PORT, in which an address of IPv6 stands in brackets. Undefined where it is none. */
export function addressIn(text: string): Address | undefined {
  const [, inBrackets, plain = "", port = ""] = /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = inBrackets ?? plain;
  return host === "" || Number(port) > 65_535 ? undefined : { host, port: Number(port) };
}

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

/** Asks a server on this machine for its health. */
export async function health(url: string): Promise<number | undefined> {
  const response = await getHere(`${url}/health`);
  response.resume();
  return response.statusCode;
}

/** Gets from a server on this machine: `fetch` would ask a proxy that the environment names, and that reaches another one, if any. */
export async function getHere(url: string, signal?: AbortSignal): Promise<IncomingMessage> {
  const [response] = await once(get(url, { agent: false, ...(signal && { signal }) }), "response");
  return response as IncomingMessage;
}
