import { CALLS_MAX_BYTES } from "./limits.ts";

/**
 * The memory that calls may take together. Where it does not suffice, the request that has been arriving for longest
 * gives way: whoever sends slowly loses, and what arrives quickly is served whatever else is half open.
 */
export class Room {
  readonly #maxBytes: number;
  #bytes = 0;
  /** Calls whose request is still arriving, in the order in which they came. */
  readonly #arriving = new Set<Place>();

  constructor(maxBytes = CALLS_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** What calls take together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A place for a call, which holds nothing yet. `giveWay` is called at most once, and leaves it without any. */
  enter(giveWay: () => void): Place {
    let bytes = 0;
    let isOver = false;
    const place: Place = {
      take: (more) => {
        if (!isOver) {
          bytes += more;
          this.#bytes += more;
          this.#makeRoom();
        }
      },
      arrived: () => this.#arriving.delete(place),
      leave: () => {
        isOver = true;
        this.#arriving.delete(place);
        this.#bytes -= bytes;
        bytes = 0;
      },
      giveWay: () => {
        place.leave();
        giveWay();
      },
    };
    this.#arriving.add(place);
    return place;
  }

  #makeRoom(): void {
    for (const oldest of this.#arriving) {
      if (this.#bytes <= this.#maxBytes) {
        return;
      }
      oldest.giveWay();
    }
  }
}

export interface Place {
  /** Counts what was sent. */
  take(bytes: number): void;
  /** The request is whole, and gives way no more. */
  arrived(): void;
  /** The call is over. May be called twice. */
  leave(): void;
  giveWay(): void;
}
