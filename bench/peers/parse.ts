/** Parse Server with PostgreSQL: its `_Installation` objects, by the calls of its SDK for Android. */
import { join } from "node:path";
import { v5 as uuidOf } from "uuid";
import { registration, toBytes, type User } from "../calls/wires.ts";
import { accountOfTree, memoryOfTree } from "../load/tree.ts";
import { bytesIn } from "./folders.ts";
import { installParse, PARSE_NODE, PARSE_SERVER, PARSE_VERSION } from "./install.ts";
import { type Api, counted, type Peer } from "./peer.ts";
import { missingForPostgres, postgresVersion, startPostgres } from "./postgres.ts";
import { freePort, killTree, startProgram } from "./processes.ts";

const APPLICATION = "bench";
const CLIENT_KEY = "client-key-of-the-bench";
const MASTER_KEY = "master-key-of-the-bench";
const AS_OPERATOR = { "x-parse-application-id": APPLICATION, "x-parse-master-key": MASTER_KEY };
const INSTALLATIONS = "/parse/classes/_Installation";

export const PARSE: Peer = {
  name: "Parse Server",
  role: "peer",
  what: `Parse Server ${PARSE_VERSION} with PostgreSQL ${postgresVersion()}, with a client key`,
  promises: {
    durability: "PostgreSQL's: an answer comes after its commit, which is on the disk (`fsync`, `synchronous_commit`)",
    doubles:
      "others with the same token are looked for and deleted, before the row is written; nothing holds two calls apart",
  },
  missing: missingForPostgres,
  install: installParse,
  start: async (folder, under = []) => {
    const { uri, process: postgres } = await startPostgres(folder, under);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const parse = startProgram({
      command: [PARSE_NODE, PARSE_SERVER, ...options(`${url}/parse`, port)],
      env: { NODE_ENV: "production", PARSE_SERVER_DATABASE_URI: uri },
      ...{ cwd: folder, log: join(folder, "parse.log") },
    });
    await parse.until(async () => (await fetch(`${url}/parse/health`)).ok);
    await addIndexes(url);
    const roots = [parse.pid, postgres.pid];
    return {
      url,
      account: () => accountOfTree(roots),
      api: parseApi(url),
      untilAsleep: async () => undefined,
      stop: async () => {
        await parse.stop("SIGTERM");
        // Fast: it ends its sessions, and writes what it has.
        await postgres.stop("SIGINT");
      },
      kill: () => killTree(roots),
      memory: () => memoryOfTree(roots),
      diskBytes: () => bytesIn(join(folder, "data"), "pg_wal"),
    };
  },
};

function options(serverUrl: string, port: number): string[] {
  return Object.entries({
    ...{ appId: APPLICATION, clientKey: CLIENT_KEY, masterKey: MASTER_KEY },
    ...{ serverURL: serverUrl, host: "127.0.0.1", port, mountPath: "/parse" },
    // No line for a request, as with the others.
    ...{ silent: "true", logsFolder: "null" },
  }).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Parse Server looks installations up by these, and makes no index for it: whoever runs it does. */
const SCHEMA = {
  className: "_Installation",
  fields: { userId: { type: "String" } },
  indexes: { byInstallation: { installationId: 1 }, byToken: { deviceToken: 1 }, byUser: { userId: 1 } },
};

/** Unless they are there, of a start before this one. */
async function addIndexes(url: string): Promise<void> {
  const path = `${url}/parse/schemas/_Installation`;
  if (!(await fetch(path, { headers: AS_OPERATOR })).ok) {
    const headers = { ...AS_OPERATOR, "content-type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(SCHEMA) });
    if (!answer.ok) {
      throw new Error(`Parse Server did not take its schema: ${await answer.text()}`);
    }
  }
}

/** What the SDK sends when it saves an installation that the server has given no id yet, and when it has. */
function parseApi(url: string): Api {
  const send = async (method: string, path: string, installationId: string, members: object) => {
    const headers = {
      "x-parse-application-id": APPLICATION,
      "x-parse-client-key": CLIENT_KEY,
      "x-parse-app-build-version": "42",
      "x-parse-app-display-version": "1.4.2",
      "x-parse-os-version": "16",
      "x-parse-installation-id": installationId,
      "x-parse-request-id": crypto.randomUUID(),
      "user-agent": "Parse Android SDK API Level 36",
      "content-type": "application/json",
    };
    return toBytes(url, { method, path, headers, body: JSON.stringify(members) });
  };
  const create = (user: User, device: number, token: string) =>
    send("POST", INSTALLATIONS, installationOf(user, device), {
      ...ALWAYS,
      ...{ installationId: installationOf(user, device), deviceType: "android" },
      ...{ appIdentifier: "com.example.shop", appName: "Shop", appVersion: "42" },
      ...{ timeZone: "Europe/Berlin", localeIdentifier: "de-DE" },
      ...{ deviceToken: token, userId: user.arn },
    });
  const update = (user: User, device: number) =>
    send("PUT", `${INSTALLATIONS}/${user.endpointId}`, installationOf(user, 1), {
      ...ALWAYS,
      ...{ deviceToken: registration(user, device).deviceToken, userId: user.arn },
    });
  const register = (user: User, device: number) => create(user, device, registration(user, device).deviceToken);
  return {
    register,
    registerAnew: register,
    again: (user) => update(user, 1),
    rotate: update,
    take: (user, from, device) => create(user, device, registration(from, device).deviceToken),
    idIn: ({ body }) => /"objectId":"(\w+)"/.exec(body)?.[1] ?? "",
    held: async () => counted(await tokens(url)),
  };
}

const ALWAYS = { parseVersion: "4.3.0", pushType: "gcm" };

/** Names need a namespace; this one is of nothing else. */
const NAMESPACE = "6f0c1f5e-0d0b-4a7e-9d3b-8f6b6f1f7d11";

function installationOf({ arn }: User, device: number): string {
  return uuidOf(`${arn}-${device}`, NAMESPACE);
}

async function tokens(url: string): Promise<string[]> {
  const answer = await fetch(`${url}${INSTALLATIONS}?limit=10000000&keys=deviceToken`, { headers: AS_OPERATOR });
  const { results } = (await answer.json()) as { results: { deviceToken?: string }[] };
  return results.flatMap(({ deviceToken }) => deviceToken ?? []);
}
