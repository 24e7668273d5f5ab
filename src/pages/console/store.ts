import type { State } from "./state.ts";

/** The one place where the state is, and changes. */
export class Store {
  #state: State;
  readonly #onChange: (state: State) => void;

  constructor(state: State, onChange: (state: State) => void) {
    this.#state = state;
    this.#onChange = onChange;
  }

  get state(): State {
    return this.#state;
  }

  update(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
    this.#onChange(this.#state);
  }

  /** Does something, unless it is being done already, and marks it for as long as it is. */
  async during(what: string, work: () => Promise<void>): Promise<void> {
    if (this.#state.busy.has(what)) {
      return;
    }
    this.update({ busy: new Set([...this.#state.busy, what]), said: "" });
    try {
      await work();
    } finally {
      this.update({ busy: new Set([...this.#state.busy].filter((other) => other !== what)) });
    }
  }
}
