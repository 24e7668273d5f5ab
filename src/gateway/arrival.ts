import type { ConnectError } from "@connectrpc/connect";
import { gatewayOverloaded, requestTooSlow } from "./errors.ts";
import { CHUNK_BYTES } from "./limits.ts";
import type { NodeRequest, UniversalRequest } from "./listener.ts";
import type { Place, Room } from "./room.ts";
import { until } from "./until.ts";

/** A request as it arrives: what it takes of the gateway, and for how long it may. */
export class Arrival {
  readonly request: NodeRequest;
  readonly headersBytes: number;
  /** Why it is not read to its end. */
  refused: ConnectError | undefined;
  readonly #ended = new AbortController();
  readonly #place: Place;
  readonly #timer: NodeJS.Timeout;

  constructor(request: NodeRequest, room: Room, maxMs: number) {
    this.request = request;
    this.headersBytes = request.rawHeaders.reduce((sum, part) => sum + part.length, 0);
    this.#place = room.enter(() => this.#refuse(gatewayOverloaded()));
    this.#timer = setTimeout(() => this.#refuse(requestTooSlow()), maxMs);
  }

  take(bytes: number): void {
    this.#place.take(bytes);
  }

  /** The body, and the signal that it will not come to its end, or that the caller is gone. */
  read(gone: AbortSignal | undefined): Pick<UniversalRequest, "body" | "signal"> {
    gone?.addEventListener("abort", () => this.#ended.abort(gone.reason));
    return { body: this.#body(), signal: this.#ended.signal };
  }

  /** The call is over. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#place.leave();
  }

  async *#body(): AsyncIterable<Uint8Array> {
    const { signal } = this.#ended;
    // Not read to its end, it leaves the answer its way out: iterated as it is, Node would destroy both.
    const chunks: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => this.request.iterator({ destroyOnReturn: false }),
    };
    for await (const chunk of until(signal, chunks)) {
      this.take(chunk.byteLength + CHUNK_BYTES);
      signal.throwIfAborted();
      // A copy, because the original is a part of all that came over the connection with it, and would keep it.
      yield Uint8Array.from(chunk);
    }
    signal.throwIfAborted();
    clearTimeout(this.#timer);
    this.#place.arrived();
  }

  #refuse(error: ConnectError): void {
    this.refused ??= error;
    this.#ended.abort(error);
  }
}
