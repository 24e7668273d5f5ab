/** moto, which stands in for Amazon SNS in tests: its endpoints of platform applications, by its own server. */

import { signedHeaders } from "../../test/support/credentials.ts";
import { registration, toBytes, type User } from "../calls/wires.ts";
import { type Answer, Connection } from "../load/connection.ts";
import { requireStatus } from "../load/send-all.ts";
import { accountOfTree, memoryOfTree } from "../load/tree.ts";
import { installMoto, MOTO_SERVER, MOTO_VERSION, missingForMoto } from "./install.ts";
import { type Api, counted, type Peer } from "./peer.ts";
import { freePort, killTree, startProgram } from "./processes.ts";

const APPLICATION = "arn:aws:sns:us-east-1:123456789012:app/GCM/bench";

export const MOTO: Peer = {
  name: "moto",
  role: "peer",
  what: `moto ${MOTO_VERSION}, its SNS, with SigV4`,
  promises: {
    durability: "none: it is for tests, and all is in memory",
    doubles: "a token is one endpoint's; with other attributes it is refused, as SNS does",
  },
  missing: missingForMoto,
  install: installMoto,
  start: async (folder, under = []) => {
    const port = await freePort();
    const command = [...under, MOTO_SERVER, "-H", "127.0.0.1", "-p", String(port)];
    const server = startProgram({ command, cwd: folder });
    const roots = [server.pid];
    const url = `http://127.0.0.1:${port}`;
    await server.until(async () => (await fetch(`${url}/moto-api/`)).ok);
    const attribute = entry("Attributes", 1, "PlatformCredential", "none");
    await ask(url, { Action: "CreatePlatformApplication", Name: "bench", Platform: "GCM", ...attribute });
    return {
      url,
      account: () => accountOfTree(roots),
      api: snsApi(url),
      untilAsleep: async () => undefined,
      stop: () => server.stop("SIGTERM"),
      kill: () => killTree(roots),
      memory: () => memoryOfTree(roots),
      diskBytes: () => 0,
    };
  },
};

function snsApi(url: string): Api {
  const create = (user: User, { deviceToken }: { deviceToken: string }) =>
    request(url, {
      ...{ Action: "CreatePlatformEndpoint", PlatformApplicationArn: APPLICATION },
      ...{ Token: deviceToken, CustomUserData: user.arn },
    });
  const register = (user: User, device: number) => create(user, registration(user, device));
  return {
    register,
    registerAnew: register,
    again: (user) => register(user, 1),
    rotate: (user, device) =>
      request(url, {
        ...{ Action: "SetEndpointAttributes", EndpointArn: user.endpointId },
        ...entry("Attributes", 1, "Token", registration(user, device).deviceToken),
        ...entry("Attributes", 2, "Enabled", "true"),
      }),
    take: (user, from, device) => create(user, registration(from, device)),
    idIn: ({ body }) => /<EndpointArn>(.*?)<\/EndpointArn>/.exec(body)?.[1] ?? "",
    held: async () => counted(await tokens(url)),
  };
}

/** Of all endpoints, page by page. */
async function tokens(url: string): Promise<string[]> {
  const found: string[] = [];
  let next: string | undefined = "";
  while (next !== undefined) {
    const { body } = await ask(url, {
      ...{ Action: "ListEndpointsByPlatformApplication", PlatformApplicationArn: APPLICATION },
      ...(next !== "" && { NextToken: next }),
    });
    found.push(...[...body.matchAll(/<key>Token<\/key>\s*<value>(.*?)<\/value>/g)].map(([, token = ""]) => token));
    next = /<NextToken>(.+?)<\/NextToken>/.exec(body)?.[1];
  }
  return found;
}

async function ask(url: string, parameters: Readonly<Record<string, string>>): Promise<Answer> {
  const connection = await Connection.open(Number(new URL(url).port));
  const answer = await connection.send(await request(url, parameters));
  connection.close();
  requireStatus("ok", [answer]);
  return answer;
}

const cache = new Map<string, ArrayBuffer>();

/** In the form of SNS's Query protocol, signed as its SDKs sign. */
async function request(url: string, parameters: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const body = String(new URLSearchParams({ ...parameters, Version: "2010-03-31" }));
  const headers = {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "user-agent": "Boto3/1.44.8 md/Botocore#1.44.8",
  };
  const unsigned = { method: "POST", path: "/", headers, body };
  const signed = await signedHeaders(`${url}/`, unsigned, { service: "sns", cache });
  return toBytes(url, { ...unsigned, headers: signed });
}

function entry(member: string, n: number, key: string, value: string): Record<string, string> {
  return { [`${member}.entry.${n}.key`]: key, [`${member}.entry.${n}.value`]: value };
}
