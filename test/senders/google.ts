/** FCM as Google documents it, where the libraries look for it: they know Google's names alone, so they come through a proxy. */
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type Behaviour, CERTIFICATE_FILE, type FcmMessage, serve, serveFcm } from "./push-services.ts";

export interface Google {
  /** What a program needs so that Google's libraries come here, with a service account of theirs. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/** Files go into a folder of the caller's. */
export async function startGoogle(
  folder: string,
  answers: (token: string, message: FcmMessage) => Behaviour,
): Promise<Google> {
  const fcm = await serveFcm(answers);
  const tokens = await serve(() => ({
    status: 200,
    body: { access_token: "an-access-token", expires_in: 3_599, token_type: "Bearer" },
  }));
  const proxy = await startProxy({ "fcm.googleapis.com": fcm.port, "oauth2.googleapis.com": tokens.port });
  return {
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: serviceAccount(folder),
      HTTPS_PROXY: proxy.url,
      NODE_USE_ENV_PROXY: "1",
      NODE_EXTRA_CA_CERTS: CERTIFICATE_FILE,
      REQUESTS_CA_BUNDLE: CERTIFICATE_FILE,
    },
    close() {
      for (const server of [proxy, fcm, tokens]) {
        server.close();
      }
    },
  };
}

/** The file that Google's console gives for a service account, with a key of its own. */
function serviceAccount(folder: string): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const file = join(folder, "service-account.json");
  const account = {
    type: "service_account",
    project_id: "demo",
    private_key_id: "1",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    client_email: "sender@demo.iam.gserviceaccount.com",
    client_id: "1",
    token_uri: "https://oauth2.googleapis.com/token",
  };
  writeFileSync(file, JSON.stringify(account));
  return file;
}

/** Leads each of these hosts to a port of this machine, and lets nobody through to another. */
async function startProxy(ports: Record<string, number>): Promise<{ readonly url: string; close(): void }> {
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on("connect", ({ url = "" }: IncomingMessage, from: Duplex) => {
    const port = ports[url.split(":")[0] ?? ""];
    if (port === undefined) {
      from.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const to = connect(port, "localhost", () => from.write("HTTP/1.1 200 OK\r\n\r\n"));
    to.pipe(from).pipe(to);
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => [from, to].map((each) => each.destroy()));
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
