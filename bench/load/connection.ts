import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** The lines before the body. */
  readonly head: string;
  readonly body: string;
}

/**
 * One kept-alive connection that sends requests which are bytes already, and reads just enough of an answer to know its
 * end. A client of a library takes several times as long for a request, on a processor that the server wants too.
 */
export class Connection {
  readonly #socket: Socket;
  #received = "";
  #answered: ((answer: Answer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding("latin1").on("data", (text: string) => this.#receive(text));
    socket.on("error", (error) => this.#failed?.(error));
    socket.on("close", () => this.#failed?.(new Error("the server closed the connection")));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ host: "127.0.0.1", port });
    await once(socket, "connect");
    return new Connection(socket);
  }

  /** Sends a request and answers the whole answer. One at a time. */
  send(request: Uint8Array): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #receive(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) {
      return;
    }
    const head = this.#received.slice(0, end + 2);
    const body = this.#received.slice(end + 4);
    if (isWhole(head, body)) {
      this.#received = "";
      this.#answered?.({ status: Number(head.slice(9, 12)), head, body });
    }
  }
}

/** With one request at a time, nothing follows an answer: a last chunk that has come is the end. */
function isWhole(head: string, body: string): boolean {
  // No Content has neither a length nor chunks.
  if (head.startsWith("HTTP/1.1 204 ")) {
    return true;
  }
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  return length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length);
}
