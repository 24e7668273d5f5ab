/** What usual slips in the configurations of deploy/ look like, as docs/proxies.md says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { behindProxies, longToken, ofLength, registration, sendFrom, withBearer } from "../support/behind-proxies.ts";
import { connectEs, grpcJs } from "../support/callers.ts";
import { bearerOf } from "../support/credentials.ts";
import { CA, isInstalled, type KindOfProxy, type RunningProxy, type Slip, startProxy } from "../support/proxies.ts";
import { freshUserArn } from "../support/requests.ts";
import { connectRegister, restRegister, send } from "../support/wire.ts";

const behind = behindProxies();

/** What is seen through a proxy with a slip in its configuration, in a line of docs/proxies.md. */
type See = (proxy: RunningProxy) => Promise<string>;

const signedCall: See = async ({ serve }) => {
  const answer = await send(serve, restRegister());
  return told(answer.status, answer.text);
};
const bearerCall: See = async ({ serve }) => {
  const arn = freshUserArn();
  const answer = await send(serve, withBearer(connectRegister({}, arn), (await bearerOf(arn)).authorization));
  return told(answer.status, answer.reason || answer.text);
};
const longTokenCall: See = async ({ serve }) => {
  // Over HTTP/1.1: over HTTP/2 there may be no answer, but the end of the connection.
  const call = connectEs(createConnectTransport({ baseUrl: serve, httpVersion: "1.1" }));
  const outcome = await call(
    "ListAppInstanceUserEndpoints",
    { appInstanceUserArn: freshUserArn() },
    { authorization: longToken(20_000) },
  );
  return "message" in outcome ? outcome.message : outcome.code;
};
const longBody: See = async ({ serve }) => {
  const answer = await send(serve, ofLength(100_000));
  return told(answer.status, answer.text);
};
const ownPage: See = async ({ serve }) => {
  const answer = await sendFrom(serve, serve);
  return told(answer.status, answer.text);
};
const grpcCall: See = async (proxy) => {
  const arn = freshUserArn();
  const outcome = await grpcJs(proxy.gateway, {}, CA)(
    "RegisterAppInstanceUserEndpoint",
    registration(arn),
    await bearerOf(arn),
  );
  return "message" in outcome ? `${outcome.code}: ${outcome.message}` : outcome.code;
};
const grpcRefusal: See = async (proxy) => {
  const outcome = await grpcJs(proxy.gateway, {}, CA)(
    "ListAppInstanceUserEndpoints",
    { appInstanceUserArn: freshUserArn() },
    {},
  );
  return "message" in outcome ? `${outcome.code}: ${outcome.message}` : outcome.code;
};

function told(status: number, text: string): string {
  return `${status} ${text.replace(/\s+/g, " ")}`;
}

const HOST_LINE = "        proxy_set_header Host $http_host;     # as it was signed, with the port\n";
const PASS = "proxy_pass http://rollcall;";
const NO_HTTP2 = [
  " ssl http2;\n\n    limit_conn rollcall_callers 100;\n    keepalive",
  " ssl;\n\n    limit_conn rollcall_callers 100;\n    keepalive",
] as const;

/** By the words of docs/proxies.md. */
const SLIPS: [KindOfProxy, string, Slip, See, RegExp][] = [
  ["nginx", "no line `proxy_set_header Host`", [HOST_LINE, ""], bearerCall, /^403 HOST_NOT_SERVED/],
  [
    "nginx",
    "`Host $host`, on another port than 443",
    ["$http_host", "$host"],
    signedCall,
    /^401 .*It arrived here for the host 'localhost'/,
  ],
  ["nginx", "`Host $host`, on another port than 443", ["$http_host", "$host"], ownPage, /^403 .*Forbidden/],
  [
    "nginx",
    "`proxy_pass http://rollcall/`, with a slash",
    [PASS, "proxy_pass http://rollcall/;"],
    signedCall,
    /^401 .*Unauthorized/,
  ],
  [
    "nginx",
    "`rewrite`, even if to the same path",
    [PASS, `rewrite ^/(.*)$ /$1 break; ${PASS}`],
    signedCall,
    /^401 .*Unauthorized/,
  ],
  [
    "nginx",
    "`proxy_pass http://rollcall$uri`",
    [PASS, "proxy_pass http://rollcall$uri;"],
    signedCall,
    /^401 .*Unauthorized/,
  ],
  [
    "nginx",
    "no `large_client_header_buffers`",
    ["large_client_header_buffers 4 72k;", ""],
    longTokenCall,
    /^HTTP 400$/,
  ],
  [
    "nginx",
    "`client_max_body_size` below 128k",
    ["client_body_buffer_size 136k;", "client_max_body_size 64k;"],
    longBody,
    /^413 <html>/,
  ],
  [
    "nginx",
    "no `http2` in `listen`",
    NO_HTTP2,
    grpcCall,
    /^unavailable: No connection established.*no application protocol/,
  ],
  [
    "nginx",
    "`proxy_pass` in the place of `grpc_pass`",
    ["grpc_pass grpc://", "proxy_pass http://"],
    grpcCall,
    /^(internal: .*Call ended without gRPC status|unavailable: .*502)/,
  ],
  [
    "nginx",
    "`grpcs://` to a gateway without TLS",
    ["grpc_pass grpc://", "grpc_pass grpcs://"],
    grpcCall,
    /^unavailable: Received HTTP status code 502$/,
  ],
  [
    "caddy",
    "`header_up Host {upstream_hostport}`",
    ["\t\ttransport http {", "\t\theader_up Host {upstream_hostport}\n\t\ttransport http {"],
    signedCall,
    /^403 .*Forbidden/,
  ],
  ["caddy", "no `h2c://`", ["h2c://", ""], grpcRefusal, /^internal: .*Call ended without gRPC status/],
  [
    "caddy",
    "`max_header_size` below 72KB",
    ["max_header_size 128KB", "max_header_size 8KB"],
    longTokenCall,
    /^HTTP 431$/,
  ],
];

describe.each<KindOfProxy>(["nginx", "caddy"])("a slip in the configuration of %s", (kind) => {
  const slips = SLIPS.filter(([of]) => of === kind);

  it.skipIf(!isInstalled(kind)).each(slips)("%s: %s", async (_, _name, slip, see, expected) => {
    const proxy = await startProxy(kind, behind.upstreams, [slip]);
    try {
      expect(await see(proxy)).toMatch(expected);
    } finally {
      await proxy.stop();
    }
  });

  it("is named in docs/proxies.md", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/proxies.md"), "utf8");
    expect(slips.map(([, slip]) => slip).filter((slip) => !page.includes(`| ${slip} |`))).toEqual([]);
  });
});

it("docs/proxies.md prints the configurations as they are", () => {
  const root = join(import.meta.dirname, "../..");
  const page = readFileSync(join(root, "docs/proxies.md"), "utf8");
  for (const file of ["nginx.conf", "Caddyfile"]) {
    expect(page).toContain(readFileSync(join(root, "deploy", file), "utf8"));
  }
});
