/** nginx and Caddy by the configurations of deploy/, on ports of their own, with the certificate of the fixtures. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connect } from "node:tls";

const ROOT = join(import.meta.dirname, "../..");
const CERTIFICATE = join(ROOT, "test/fixtures/localhost.crt");
const KEY = join(ROOT, "test/fixtures/localhost.key");

export const CA = readFileSync(CERTIFICATE);

export interface Upstreams {
  /** Of `npm run serve`, and of `npm run gateway`: without a slash at the end. */
  readonly serve: string;
  readonly gateway: string;
}

export interface RunningProxy {
  /** Where the server is called through it, and the gateway: without a slash at the end. */
  readonly serve: string;
  readonly gateway: string;
  stop(): Promise<void>;
}

/** A line of a configuration, and what somebody wrote in its place. */
export type Slip = readonly [line: string, slip: string];

interface Kind {
  readonly file: string;
  /** What stands in the configuration for this machine's own. */
  here(ports: { serve: number; gateway: number }, upstreams: Upstreams): Slip[];
  /** Writes what the configuration needs around it, and answers the command that runs it. */
  around(configuration: string, folder: string): string[];
}

export const KINDS = {
  nginx: {
    file: "nginx.conf",
    here: (ports, { serve, gateway }) => [
      ["server 127.0.0.1:8787 ", `server ${hostOf(serve)} `],
      ["server 127.0.0.1:50051 ", `server ${hostOf(gateway)} `],
      ["/etc/ssl/rollcall.crt", CERTIFICATE],
      ["/etc/ssl/rollcall.key", KEY],
      [
        "listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n    server_name push.example.com;",
        `listen ${ports.serve} ssl http2;`,
      ],
      [
        "listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n    server_name grpc.example.com;",
        `listen ${ports.gateway} ssl http2;`,
      ],
    ],
    around: (configuration, folder) => {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      const main = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
        events {} http { access_log off; ${temporary.join(" ")} include ${folder}/rollcall.conf; }`;
      writeFileSync(join(folder, "rollcall.conf"), configuration);
      writeFileSync(join(folder, "main.conf"), main);
      return ["nginx", "-p", folder, "-e", `${folder}/error.log`, "-c", `${folder}/main.conf`];
    },
  },
  caddy: {
    file: "Caddyfile",
    here: (ports, { serve, gateway }) => [
      ["{\n\tservers", "{\n\tadmin off\n\tservers"],
      ["push.example.com {", `https://localhost:${ports.serve} {\n\ttls ${CERTIFICATE} ${KEY}`],
      ["grpc.example.com {", `https://localhost:${ports.gateway} {\n\ttls ${CERTIFICATE} ${KEY}`],
      ["127.0.0.1:8787", hostOf(serve)],
      ["127.0.0.1:50051", hostOf(gateway)],
    ],
    around: (configuration, folder) => {
      writeFileSync(join(folder, "Caddyfile"), configuration);
      return ["caddy", "run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")];
    },
  },
} as const satisfies Record<string, Kind>;

export type KindOfProxy = keyof typeof KINDS;

/** Those that are not installed, whose tests are left out. */
export function isInstalled(kind: KindOfProxy): boolean {
  return spawnSync(kind, [kind === "nginx" ? "-v" : "version"]).status === 0;
}

/** Starts a proxy by its configuration, with slips in it if any are given, and answers once it takes connections. */
export async function startProxy(
  kind: KindOfProxy,
  upstreams: Upstreams,
  slips: readonly Slip[] = [],
): Promise<RunningProxy> {
  const { file, here, around }: Kind = KINDS[kind];
  const ports = { serve: await freePort(), gateway: await freePort() };
  const folder = mkdtempSync(join(tmpdir(), `rollcall-${kind}-`));
  const given = readFileSync(join(ROOT, "deploy", file), "utf8");
  const configuration = [...here(ports, upstreams), ...slips].reduce(replaced, given);
  const [command = "", ...args] = around(configuration, folder);
  mkdirSync(join(folder, "home"));
  const env = { PATH: `${process.env.PATH}:/usr/sbin`, HOME: join(folder, "home") };
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], env });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  for (const port of Object.values(ports)) {
    await accepts(port, child, () => said + readFileSync(join(folder, "error.log"), "utf8"));
  }
  return {
    serve: `https://localhost:${ports.serve}`,
    gateway: `https://localhost:${ports.gateway}`,
    stop: async () => {
      child.kill(kind === "nginx" ? "SIGTERM" : "SIGKILL");
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** Each stands there: a configuration that has changed must not be tested as it was. */
function replaced(configuration: string, [line, slip]: Slip): string {
  if (!configuration.includes(line)) {
    throw new Error(`The configuration has no ${JSON.stringify(line)}`);
  }
  return configuration.replace(line, () => slip);
}

function hostOf(url: string): string {
  return new URL(url).host;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port: number, child: ChildProcess, said: () => string): Promise<void> {
  for (let tries = 0; tries < 400 && child.exitCode === null; tries++) {
    const socket = connect({ port, host: "127.0.0.1", ca: CA, servername: "localhost" });
    const isOpen = await Promise.race([
      once(socket, "secureConnect").then(
        () => true,
        () => false,
      ),
      wait(5_000, false),
    ]);
    socket.destroy();
    if (isOpen) {
      return;
    }
    await wait(25);
  }
  throw new Error(`The proxy does not listen: ${said()}`);
}
