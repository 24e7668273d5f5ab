/** Whether local mode may be reached from the network, by what `npm start` and `npm run serve` are told. */
import { hostname, networkInterfaces } from "node:os";
import { calledAt } from "../command/address.ts";
import { ConfigError } from "../worker/model/config-error.ts";

/** Says that it may. */
export const OPEN_LOCAL_MODE = "open-local-mode-to-the-network";

/** Who is on a network can send any Host, so that the Worker alone can't keep them out of a server that listens there. */
const REFUSED =
  "Local mode lets everybody in who can reach it, with credentials that everybody knows, and this host is one that other " +
  `machines reach. Configure callers instead (docs/callers.md); or, if the network may do anything, add --${OPEN_LOCAL_MODE}.`;

/**
 * The variables that local mode needs to be served on a host. Throws ConfigError where others could reach it and nobody said that
 * they may.
 */
export function localModeVariables(host: string, mayBeOpen: boolean): Record<string, string> {
  if (isLoopback(host)) {
    return { LOCAL_MODE: "true" };
  }
  if (!mayBeOpen) {
    throw new ConfigError(REFUSED);
  }
  return { LOCAL_MODE: "true", LOCAL_MODE_HOSTS: [calledAt(host), ...namesOfThisMachine()].join(",") };
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** What it is called from elsewhere: still no name that a web page could have made up. */
function namesOfThisMachine(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const names = addresses.map(({ family, address }) => (family === "IPv6" ? `[${address}]` : address));
  return [...names, hostname(), `${hostname()}.local`];
}
