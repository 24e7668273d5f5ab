/** What `npm run gateway` is told. */
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { misused, readOptions } from "../command/arguments.ts";
import { ConfigError } from "../worker/model/config-error.ts";

export const GATEWAY_USAGE = `Usage: npm run gateway -- --listen HOST:PORT --upstream URL [--tls-cert FILE --tls-key FILE]

  --listen HOST:PORT  what to listen on: 127.0.0.1:50051 is for this machine alone, 0.0.0.0:50051 for all
  --upstream URL      the server to forward to: http://127.0.0.1:8787
  --tls-cert FILE     serves TLS, with this certificate and its chain, in PEM
  --tls-key FILE      the key of that certificate, in PEM`;

const OPTIONS = {
  listen: { type: "string" },
  upstream: { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
} as const;

export interface GatewaySettings {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Without a slash at its end. */
  readonly upstream: string;
  /** Absent: without TLS. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

/** Throws ConfigError, which says what to do. */
export function readGatewaySettings(args: readonly string[]): GatewaySettings {
  const { listen, upstream, "tls-cert": cert, "tls-key": key } = readOptions(args, OPTIONS, GATEWAY_USAGE);
  if ((cert === undefined) !== (key === undefined)) {
    throw misused("--tls-cert and --tls-key go together", GATEWAY_USAGE);
  }
  const told = { ...readAddress(listen), upstream: readUpstream(upstream) };
  return cert === undefined || key === undefined ? told : { ...told, tls: readTls(cert, key) };
}

function readAddress(listen: string | undefined): { host: string; port: number } {
  const [, inBrackets, plain = "", port = ""] =
    /^(?:\[([\da-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(listen ?? "") ?? [];
  const host = inBrackets ?? plain;
  if (host === "" || Number(port) > 65_535) {
    throw misused("--listen must be HOST:PORT, such as 127.0.0.1:50051 or [::1]:50051", GATEWAY_USAGE);
  }
  return { host, port: Number(port) };
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
