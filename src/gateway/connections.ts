/** Who is connected: how many, from where, and for how long without a call. */
import type { Socket } from "node:net";
import { hostOf } from "./address.ts";
import { CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, DISCARD_MAX_MS, HEAD_MAX_MS } from "./limits.ts";

export interface Bounds {
  readonly connections: number;
  readonly perAddress: number;
}

const BOUNDS: Bounds = { connections: CONNECTIONS_MAX, perAddress: CONNECTIONS_PER_ADDRESS_MAX };

type Peer = Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">;

/**
 * All connections. Where there are as many as there may be, the one that has been without a call for longest gives way
 * to a new one; where each has a call, the new one is turned away.
 */
export class Connections {
  readonly #bounds: Bounds;
  readonly #byPeer = new Map<string, Connection>();
  readonly #perHost = new Map<string, number>();
  /** Those without a call, the one that has been so for longest first. */
  readonly #idle = new Set<Connection>();

  constructor(bounds = BOUNDS) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#byPeer.size;
  }

  /** How many calls they have, all together. */
  get calls(): number {
    return Array.from(this.#byPeer.values()).reduce((sum, { calls }) => sum + calls, 0);
  }

  /** Undefined: it can't be had. */
  admit(socket: Socket): Connection | undefined {
    const host = hostOf(socket.remoteAddress ?? "");
    if (!this.#hasRoomFor(host)) {
      return undefined;
    }
    const connection = new Connection(socket, host, this.#idle);
    const key = keyOf(socket);
    this.#byPeer.set(key, connection);
    this.#perHost.set(host, this.#countOf(host) + 1);
    socket.once("close", () => {
      connection.forget();
      this.#byPeer.delete(key);
      const left = this.#countOf(host) - 1;
      if (left > 0) {
        this.#perHost.set(host, left);
      } else {
        this.#perHost.delete(host);
      }
    });
    return connection;
  }

  /** The connection that a socket is one end of, or the TLS on it: TLS does not tell what it goes over. */
  of(socket: Peer): Connection | undefined {
    return this.#byPeer.get(keyOf(socket));
  }

  /** Closes each with the last of its calls. */
  close(): void {
    for (const connection of this.#byPeer.values()) {
      connection.close();
    }
  }

  destroy(): void {
    for (const connection of this.#byPeer.values()) {
      connection.destroy();
    }
  }

  #countOf(host: string): number {
    return this.#perHost.get(host) ?? 0;
  }

  #hasRoomFor(host: string): boolean {
    if (this.#countOf(host) >= this.#bounds.perAddress) {
      return this.#giveWay((idle) => idle.host === host);
    }
    return this.#byPeer.size < this.#bounds.connections || this.#giveWay(() => true);
  }

  #giveWay(isMeant: (idle: Connection) => boolean): boolean {
    for (const idle of this.#idle) {
      if (isMeant(idle)) {
        idle.destroy();
        return true;
      }
    }
    return false;
  }
}

function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Peer): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(" ");
}

/** What a version of HTTP says of the end of a connection. */
export interface Version {
  sayEnd(): void;
  /** Whether calls that have begun go on after that. */
  readonly mayGoOn: boolean;
}

export class Connection {
  readonly host: string;
  readonly #socket: Socket;
  readonly #idle: Set<Connection>;
  #calls = 0;
  #idleMaxMs = HEAD_MAX_MS;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #version: Version | undefined;

  constructor(socket: Socket, host: string, idle: Set<Connection>) {
    this.#socket = socket;
    this.host = host;
    this.#idle = idle;
    this.#rest();
  }

  get calls(): number {
    return this.#calls;
  }

  /** Its version of HTTP is known. */
  speaks(version: Version): void {
    this.#version = version;
  }

  /** How long it may be without a call from now on. */
  mayRest(idleMaxMs: number): void {
    this.#idleMaxMs = idleMaxMs;
    if (this.#calls === 0) {
      this.#rest();
    }
  }

  callBegins(): void {
    this.#calls += 1;
    this.#idle.delete(this);
    clearTimeout(this.#timer);
  }

  callEnds(): void {
    this.#calls -= 1;
    if (this.#calls === 0 && !this.#socket.destroyed) {
      this.#rest();
    }
  }

  /** Ends once it has no call. */
  close(): void {
    this.#isClosing = true;
    if (this.#calls === 0) {
      this.#end();
    } else if (this.#version?.mayGoOn) {
      this.#version.sayEnd();
    }
  }

  destroy(): void {
    this.forget();
    this.#socket.destroy();
  }

  /** It is gone, or is about to be. */
  forget(): void {
    this.#idle.delete(this);
    clearTimeout(this.#timer);
  }

  #rest(): void {
    this.#idle.delete(this);
    this.#idle.add(this);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), this.#idleMaxMs);
    if (this.#isClosing) {
      this.#end();
    }
  }

  /** In the words of its protocol where there are any. The peer may leave them unread, and its end open. */
  #end(): void {
    clearTimeout(this.#timer);
    if (this.#version === undefined) {
      this.#socket.destroy();
      return;
    }
    this.#version.sayEnd();
    this.#timer = setTimeout(() => this.#socket.destroy(), DISCARD_MAX_MS);
  }
}
