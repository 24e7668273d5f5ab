/**
 * Who may come in at all: by what a request calls this server, and by the web page that sends it. Asked before anything
 * else, of pages and /health too.
 *
 * The credentials of local mode are known to everybody, so that it answers this machine alone. Of what a web page can do
 * from outside, two things get past the browser: to give this machine's address to a name of its own (DNS rebinding),
 * which Host shows, and to have a call made whose answer it can't read, which Origin shows. The same rule makes a local
 * mode that was deployed answer nobody: Cloudflare finds a Worker by the Host, and no loopback name leads there.
 */
import type { Config } from "../../config.ts";
import type { TurnedAway } from "../../model/failure.ts";
import type { Incoming } from "../incoming.ts";
import { allowsOrigin } from "./cors.ts";

/** Why a request may not come in, if it may not. */
export type Gate = (incoming: Pick<Incoming, "request" | "url">) => TurnedAway | undefined;

export function gateOf(config: Config): Gate {
  return ({ request: { headers }, url }) => {
    const host = hostOf(headers, url);
    const reason = hostReason(host, url.pathname, config) ?? originReason(host, headers.get("origin"), config);
    return reason && { kind: "turned_away", reason };
  };
}

/** What the request calls this server: its Host, as it is signed. A target may have another one, which nobody heeds. */
function hostOf(headers: Headers, url: URL): URL | null {
  const host = headers.get("host");
  return host === null || host === url.host ? url : URL.parse(`http://${host}`);
}

function hostReason(
  host: URL | null,
  path: string,
  { localMode, localModeHosts, ownHosts }: Config,
): TurnedAway["reason"] | undefined {
  if (localMode && !isLoopback(host) && !isAmong(localModeHosts, host)) {
    return "HOST_NOT_LOCAL";
  }
  // What watches over servers asks for their health by their addresses.
  if (ownHosts.length > 0 && path !== "/health" && !isAmong(ownHosts, host)) {
    return "HOST_NOT_SERVED";
  }
  return undefined;
}

/** Only browsers send an Origin. A page of this server's own has its Host; one that hides where it is from has "null". */
function originReason(host: URL | null, origin: string | null, config: Config): TurnedAway["reason"] | undefined {
  const isOwn = (page: string) => host !== null && URL.parse(page)?.host === host.host;
  const mayCall = origin === null || allowsOrigin(config, origin) || isOwn(origin);
  return mayCall ? undefined : "ORIGIN_NOT_ALLOWED";
}

function isLoopback(host: URL | null): boolean {
  return host !== null && LOOPBACK.test(host.hostname);
}

/** Of a parsed URL: lower case, and addresses in their one spelling. */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

/** A host without a port stands for all ports. */
function isAmong(hosts: readonly string[], host: URL | null): boolean {
  return host !== null && (hosts.includes(host.host) || hosts.includes(host.hostname));
}
