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
 * To a server that closes it after each answer, it is opened anew for the next request.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket;
  #isClosing = false;
  #received = "";
  #answered: ((answer: Answer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(port: number, socket: Socket) {
    this.#port = port;
    this.#socket = this.#listen(socket);
  }

  static async open(port: number): Promise<Connection> {
    return new Connection(port, await connected(port));
  }

  /** Sends a request and answers the whole answer. One at a time. */
  async send(request: Uint8Array): Promise<Answer> {
    if (this.#isClosing) {
      this.close();
      this.#socket = this.#listen(await connected(this.#port));
    }
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

  #listen(socket: Socket): Socket {
    this.#isClosing = false;
    // What still happens to one that was replaced is nothing to its successor.
    const fail = (error: Error) => socket === this.#socket && this.#failed?.(error);
    socket.setNoDelay(true);
    socket.setEncoding("latin1").on("data", (text: string) => this.#receive(text));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the server closed the connection")));
    return socket;
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
      this.#isClosing = /\r\nconnection: *close\r\n/i.test(head);
      this.#answered?.({ status: Number(head.slice(9, 12)), head, body });
    }
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  return socket;
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
