/** How senders send, each by its own library, unmodified. What came back is answered as the library gives it. */
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import http2 from "node:http2";
import { Agent } from "node:https";
import { text } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import { requireLibrary } from "../support/sender-libraries.ts";
import { CERTIFICATE } from "./push-services.ts";

export interface Sender {
  /** Answers what is to be reported of a push to a token; of success too. */
  send(deviceToken: string): Promise<unknown>;
  close(): Promise<void> | void;
}

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** Who sends to APNs: the key that a team has from Apple, for one of its apps. */
export const APNS_SENDER = {
  key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  publicKey: publicKey.export({ type: "spki", format: "pem" }) as string,
  keyId: "KEY4567890",
  teamId: "TEAM567890",
  topic: "app",
};

/** An item of `failed`, or of `sent`. */
export function nodeApn(port: number): Sender {
  const apn = requireLibrary("@parse/node-apn");
  const { key, keyId, teamId, topic } = APNS_SENDER;
  const provider = new apn.Provider({
    token: { key, keyId, teamId },
    ...{ address: "localhost", port, ca: CERTIFICATE, connectionRetryLimit: 1 },
  });
  return {
    async send(deviceToken) {
      const { sent, failed } = await provider.send(new apn.Notification({ topic, alert: "Hi" }), deviceToken);
      return failed[0] ?? sent[0];
    },
    close: () => provider.shutdown(),
  };
}

/** Its host has no port, so its pool of connections is exchanged for one of the same undici that goes to another. */
function apns2Client(port: number) {
  const { ApnsClient, Notification } = requireLibrary("apns2");
  const { Pool } = requireLibrary("undici");
  const { key, keyId, teamId, topic } = APNS_SENDER;
  const client = new ApnsClient({ team: teamId, keyId, signingKey: key, defaultTopic: topic });
  client.client = new Pool(`https://localhost:${port}`, { allowH2: true, connect: { ca: CERTIFICATE } });
  return { client, notification: (token: string) => new Notification(token, { alert: "Hi" }) };
}

export function apns2(port: number): Sender {
  const { client, notification } = apns2Client(port);
  return {
    send: (token) => client.send(notification(token)).catch((error: unknown) => error),
    close: () => client.destroy(),
  };
}

export function apns2Many(port: number): Sender {
  const { client, notification } = apns2Client(port);
  return {
    send: async (token) => (await client.sendMany([notification(token)]))[0],
    close: () => client.destroy(),
  };
}

/** No library: the status and the body, as text. */
export function apnsAlone(port: number): Sender {
  const post = posterTo(port);
  return { send: (token) => post(`/3/device/${token}`, { aps: { alert: "Hi" } }), close() {} };
}

/** firebase-admin knows one host alone, so its connections are led elsewhere: those of HTTP/1.1 by the agent that it takes. */
function firebaseApp(port: number) {
  const { initializeApp, deleteApp } = requireLibrary("firebase-admin/app");
  const { getMessaging } = requireLibrary("firebase-admin/messaging");
  const httpAgent = new Agent();
  Object.assign(httpAgent, {
    createConnection: (): TLSSocket => connect({ host: "localhost", port, ca: CERTIFICATE, servername: "localhost" }),
  });
  const credential = { getAccessToken: async () => ({ access_token: "token", expires_in: 3_600 }) };
  const app = initializeApp({ credential, projectId: "demo", httpAgent }, crypto.randomUUID());
  return { messaging: getMessaging(app), close: () => deleteApp(app) };
}

export function firebaseSend(port: number): Sender {
  const { messaging, close } = firebaseApp(port);
  return { send: (token) => messaging.send(addressed(token)).catch((error: unknown) => error), close };
}

/** It opens an HTTP/2 session for each call, which is led elsewhere. */
export function firebaseSendEach(port: number): Sender {
  const { messaging, close } = firebaseApp(port);
  return {
    async send(token) {
      const original = http2.connect;
      http2.connect = ((_: unknown, options: object) => {
        const session = original(`https://localhost:${port}`, { ...options, ca: CERTIFICATE });
        const { request } = session;
        // It names the scheme "https:", with a colon, which Google passes over and Node's server does not.
        session.request = (headers, more) => request.call(session, { ...headers, ":scheme": "https" }, more);
        return session;
      }) as typeof original;
      try {
        return (await messaging.sendEach([addressed(token)])).responses[0];
      } finally {
        http2.connect = original;
      }
    },
    close,
  };
}

/** A token that begins so is an installation id. */
function addressed(token: string) {
  return { ...(token.startsWith("fid-") ? { fid: token } : { token }), notification: { title: "Hi" } };
}

/** No library: the status and the body, parsed. */
export function fcmAlone(port: number): Sender {
  const post = posterTo(port);
  return {
    async send(token) {
      const answer = await post("/v1/projects/demo/messages:send", { message: addressed(token) });
      return answer instanceof Error ? answer : { ...answer, body: JSON.parse(answer.body) };
    },
    close() {},
  };
}

/** Answers what came back, or the error of the connection. */
function posterTo(port: number) {
  return async (path: string, message: object) => {
    const session = http2.connect(`https://localhost:${port}`, { ca: CERTIFICATE });
    // That of the request tells as much.
    session.on("error", () => {});
    try {
      const stream = session.request({ ":method": "POST", ":path": path });
      stream.end(JSON.stringify(message));
      const [headers] = await once(stream, "response");
      return { status: Number(headers[":status"]), body: await text(stream) };
    } catch (error) {
      return error as Error;
    } finally {
      session.close();
    }
  };
}
