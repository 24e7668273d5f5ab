/** Servers that take HTTP/2 and HTTP/1.1 on one port: over TLS as ALPN agrees on, and without it by how the peer begins. */
import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server, createSecureServer, type ServerHttp2Session } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import type { listener } from "./listener.ts";
import type { GatewaySettings } from "./settings.ts";

/** Calls at once on one connection. */
const STREAMS_MAX = 100;

/** How long a connection may be silent. Its calls may go on for longer, but no new one comes on it. */
const SESSION_SILENT_MAX_MS = 5 * 60_000;

/** How long a peer may take to say its first word. */
const FIRST_WORD_MAX_MS = 10_000;

/** What a peer that knows it may speak HTTP/2 begins with, and no method of HTTP/1.1. */
const HTTP2_WORD = "PRI";

export interface VersionedServer {
  /** To listen with. */
  readonly server: Server;
  /** Takes no new connections and no new calls on the ones that there are, and closes each with the last of its calls. */
  close(): void;
}

export function versionedServer(tls: GatewaySettings["tls"], onRequest: ReturnType<typeof listener>): VersionedServer {
  const options = { settings: { maxConcurrentStreams: STREAMS_MAX } };
  const sessions = new Set<ServerHttp2Session>();
  const track = (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.setTimeout(SESSION_SILENT_MAX_MS, () => session.close());
  };
  const closeSessions = () => {
    for (const session of sessions) {
      session.close();
    }
  };
  if (tls !== undefined) {
    const server = createSecureServer({ ...options, ...tls, allowHTTP1: true }, onRequest).on("session", track);
    return {
      server,
      close: () => {
        server.close();
        closeSessions();
      },
    };
  }
  const http2 = createHttp2Server(options, onRequest).on("session", track);
  const http1 = createHttp1Server(onRequest);
  const server = createServer((socket) => {
    afterFirstWord(socket, (word) => (word === HTTP2_WORD ? http2 : http1).emit("connection", socket));
  });
  return {
    server,
    close: () => {
      server.close();
      http1.close();
      closeSessions();
    },
  };
}

/** Tells how a peer begins, and leaves what it said to be read. */
function afterFirstWord(socket: Socket, begin: (word: string) => void): void {
  const destroy = () => socket.destroy();
  const peek = () => {
    const word: Buffer | null = socket.read(HTTP2_WORD.length);
    if (word === null) {
      return;
    }
    socket.off("readable", peek).off("timeout", destroy).off("error", destroy).setTimeout(0);
    socket.unshift(word);
    begin(word.toString("latin1"));
  };
  socket.on("readable", peek).on("error", destroy).setTimeout(FIRST_WORD_MAX_MS, destroy);
}
