/** What `npm run gateway` is told. */
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Address, addressIn } from "../command/address.ts";
import { misused, readOptions } from "../command/arguments.ts";
import { ConfigError } from "../worker/model/config-error.ts";
import { shareIn } from "../worker/model/share.ts";

export const GATEWAY_USAGE = `Usage: npm run gateway -- --listen HOST:PORT --upstream URL [--tls-cert FILE --tls-key FILE] [--metrics HOST:PORT]
                          [--log-successes SHARE]
       in a build: node gateway.mjs, with the same

  --listen HOST:PORT  what to listen on: 127.0.0.1:50051 is for this machine alone, 0.0.0.0:50051 for all
  --upstream URL      the server to forward to: http://127.0.0.1:8787
  --tls-cert FILE     serves TLS, with this certificate and its chain, in PEM
  --tls-key FILE      the key of that certificate, in PEM
  --metrics HOST:PORT  where Prometheus is answered, at /metrics: 127.0.0.1:9465, say; nowhere if not given
  --log-successes SHARE
                      how many of the calls that succeed are logged: all if not given, none, or a share such as 0.1`;

const OPTIONS = {
  listen: { type: "string" },
  upstream: { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  metrics: { type: "string" },
  "log-successes": { type: "string", default: "all" },
} as const;

export interface GatewaySettings extends Address {
  /** Without a slash at its end. */
  readonly upstream: string;
  /** Absent: without TLS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** Where Prometheus is answered; absent: nowhere. */
  readonly metrics?: Address;
  /** How many of the calls that succeed are logged, from 0 to 1; absent: all. */
  readonly logSuccesses?: number;
}

/** Throws ConfigError, which says what to do. */
export function readGatewaySettings(args: readonly string[]): GatewaySettings {
  const options = readOptions(args, OPTIONS, GATEWAY_USAGE);
  const { listen = "", upstream, "tls-cert": cert, "tls-key": key, metrics, "log-successes": successes } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw misused("--tls-cert and --tls-key go together", GATEWAY_USAGE);
  }
  return {
    ...readAddress("--listen", listen),
    upstream: readUpstream(upstream),
    ...(cert !== undefined && key !== undefined && { tls: readTls(cert, key) }),
    ...(metrics !== undefined && { metrics: readAddress("--metrics", metrics) }),
    logSuccesses: readShare(successes),
  };
}

function readAddress(option: string, text: string): Address {
  const address = addressIn(text);
  if (address === undefined) {
    throw misused(`${option} must be HOST:PORT, such as 127.0.0.1:50051 or [::1]:50051`, GATEWAY_USAGE);
  }
  return address;
}

function readShare(text: string): number {
  const share = shareIn(text);
  if (share === undefined) {
    throw misused("--log-successes must be all, none, or a number from 0 to 1", GATEWAY_USAGE);
  }
  return share;
}

/** A URL with more in it is refused, and not repeated, because that may be a secret. */
function readUpstream(upstream: string | undefined): string {
  const url = URL.parse(upstream ?? "");
  const isServer = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (!isServer) {
    throw misused(
      "--upstream must be http:// or https://, a host and perhaps a port, such as http://127.0.0.1:8787",
      GATEWAY_USAGE,
    );
  }
  return url.origin;
}

function readTls(certFile: string, keyFile: string): { cert: Buffer; key: Buffer } {
  const tls = { cert: readPem("--tls-cert", certFile), key: readPem("--tls-key", keyFile) };
  try {
    createSecureContext(tls);
  } catch {
    throw new ConfigError(`${certFile} and ${keyFile} must hold a certificate and the key of it, in PEM.`);
  }
  return tls;
}

function readPem(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new ConfigError(`${file}, which ${option} names, can't be read.`);
  }
}
