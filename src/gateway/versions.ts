/**
 * Servers that take HTTP/2 and HTTP/1.1 on one port: over TLS as ALPN agrees on, and without it by how the peer begins.
 *
 * One server of TCP stands before them, and times and counts connections: Node starts its own timers only for a server
 * that listens by itself.
 */
import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type Connection, Connections } from "./connections.ts";
import { HEAD_MAX_MS, HEADERS_READ_MAX_BYTES, IDLE_MAX_MS, STREAMS_MAX } from "./limits.ts";
import type { listener } from "./listener.ts";
import { http1Refusal } from "./refusal.ts";
import type { GatewaySettings } from "./settings.ts";

/** What a peer that knows it may speak HTTP/2 begins with, and no method of HTTP/1.1. */
const HTTP2_WORD = "PRI";

export interface VersionedServer {
  readonly connections: Connections;
  /** To listen with. */
  readonly server: Server;
  /** Takes no new connections and no new calls on the ones that there are, and closes each with the last of its calls. */
  close(): void;
  /** Cuts off what is left. */
  destroy(): void;
}

export function versionedServer(
  tls: GatewaySettings["tls"],
  onRequest: ReturnType<typeof listener>,
  onTurnedAway: () => void,
): VersionedServer {
  const connections = new Connections();
  const begin = versions(connections, onRequest);
  const tlsServer =
    tls &&
    createTlsServer({ ...tls, ALPNProtocols: ["h2", "http/1.1"], handshakeTimeout: HEAD_MAX_MS }, (socket) =>
      begin(socket, socket.alpnProtocol === "h2"),
    );
  const server = createServer((socket) => {
    if (connections.admit(socket) === undefined) {
      onTurnedAway();
      turnAway(socket, tls !== undefined);
    } else if (tlsServer === undefined) {
      afterFirstWord(socket, (word) => begin(socket, word === HTTP2_WORD));
    } else {
      tlsServer.emit("connection", socket);
    }
  });
  return {
    connections,
    server,
    close: () => {
      server.close();
      connections.close();
    },
    destroy: () => connections.destroy(),
  };
}

/** Hands a connection to the version of HTTP that it speaks. */
function versions(connections: Connections, onRequest: ReturnType<typeof listener>) {
  const http2 = createHttp2Server(
    { settings: { maxConcurrentStreams: STREAMS_MAX, maxHeaderListSize: HEADERS_READ_MAX_BYTES } },
    onRequest,
  );
  const http1 = createHttp1Server({ maxHeaderSize: HEADERS_READ_MAX_BYTES }, (request, response) => {
    countCall(connections.of(request.socket), response);
    onRequest(request, response);
  });
  http1.on("clientError", ({ code }: NodeJS.ErrnoException, socket: Socket) => {
    if (code === "HPE_HEADER_OVERFLOW") {
      socket.end(http1Refusal("HEADERS_TOO_LARGE"), () => socket.destroySoon());
    } else if (socket.writable && code !== "ECONNRESET") {
      socket.end(http1Refusal("UNREADABLE"), () => socket.destroySoon());
    } else {
      socket.destroy();
    }
  });
  return (socket: Socket, isHttp2: boolean): void => {
    const connection = connections.of(socket);
    if (isHttp2) {
      const watch = (session: ServerHttp2Session) => watchSession(session, connection);
      http2.on("session", watch).emit("connection", socket);
      http2.off("session", watch);
    } else {
      connection?.speaks({ mayGoOn: false, sayEnd: () => socket.end(http1Refusal("TOO_SLOW")) });
      http1.emit("connection", socket);
    }
  };
}

function countCall(connection: Connection | undefined, response: ServerResponse<IncomingMessage>): void {
  connection?.callBegins();
  response.once("close", () => connection?.callEnds());
}

function watchSession(session: ServerHttp2Session, connection: Connection | undefined): void {
  connection?.speaks({ mayGoOn: true, sayEnd: () => session.close() });
  // What both sides begin with: without it a peer is still at its first word.
  session.once("remoteSettings", () => connection?.mayRest(IDLE_MAX_MS));
  session.on("stream", (stream) => {
    connection?.callBegins();
    stream.once("close", () => connection?.callEnds());
  });
  // A silent connection may be a dead one. Its calls may go on for longer, but no new one comes on it.
  session.setTimeout(IDLE_MAX_MS, () => session.close());
}

/** Over TLS nothing can be said before a handshake, which is work. */
function turnAway(socket: Socket, isTls: boolean): void {
  socket.on("error", () => socket.destroy());
  if (isTls) {
    socket.destroy();
  } else {
    socket.end(http1Refusal("TOO_MANY_CONNECTIONS"), () => socket.destroySoon());
  }
}

/** Tells how a peer begins, and leaves what it said to be read. */
function afterFirstWord(socket: Socket, begin: (word: string) => void): void {
  const destroy = () => socket.destroy();
  const peek = () => {
    const word: Buffer | null = socket.read(HTTP2_WORD.length);
    if (word === null) {
      return;
    }
    socket.off("readable", peek).off("error", destroy);
    socket.unshift(word);
    begin(word.toString("latin1"));
  };
  socket.on("readable", peek).on("error", destroy);
}
