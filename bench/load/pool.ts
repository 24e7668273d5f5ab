import { type Answer, Connection } from "./connection.ts";

/** Less than the 5 s after which workerd closes a connection that carries nothing. Source: pipelineTimeout in kj's http.h */
const IDLE_MAX_MS = 2_500;

/**
 * Connections of which each carries one request at a time; who comes first is served first. One that has been idle, or has failed, is
 * opened anew.
 */
export class Pool {
  readonly #port: number;
  readonly #all: Set<Connection>;
  readonly #free: { readonly connection: Connection; readonly since: number }[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  private constructor(port: number, connections: readonly Connection[]) {
    this.#port = port;
    this.#all = new Set(connections);
    for (const connection of connections) {
      this.#giveBack(connection);
    }
  }

  static async open(port: number, connections: number): Promise<Pool> {
    return new Pool(port, await Promise.all(Array.from({ length: connections }, () => Connection.open(port))));
  }

  async send(request: Uint8Array): Promise<Answer> {
    const connection = await this.#take();
    try {
      const answer = await connection.send(request);
      this.#giveBack(connection);
      return answer;
    } catch (error) {
      this.#giveBack(await this.#anew(connection));
      throw error;
    }
  }

  close(): void {
    for (const connection of this.#all) {
      connection.close();
    }
  }

  async #take(): Promise<Connection> {
    const free = this.#free.pop();
    if (free === undefined) {
      return new Promise((resolve) => void this.#waiting.push(resolve));
    }
    const isFresh = performance.now() - free.since < IDLE_MAX_MS;
    return isFresh ? free.connection : this.#anew(free.connection);
  }

  async #anew(connection: Connection): Promise<Connection> {
    connection.close();
    this.#all.delete(connection);
    const opened = await Connection.open(this.#port);
    this.#all.add(opened);
    return opened;
  }

  #giveBack(connection: Connection): void {
    const next = this.#waiting.shift();
    next === undefined ? this.#free.push({ connection, since: performance.now() }) : next(connection);
  }
}
