import { type Server, start, UNLIMITED, withData } from "../server.ts";

/** Lets devices move from user to user. */
export const MOVE = { ...UNLIMITED, SAME_DEVICE: "adopt", DEVICES: "move" };

/** A server that is killed and started anew on the same data, where callers that go on calling find it again. */
export class Serving {
  readonly #data: string;
  #server: Server | undefined;

  constructor(data: string) {
    this.#data = data;
  }

  /** Undefined while nobody serves there: another process may have the port. */
  get url(): string | undefined {
    return this.#server?.url;
  }

  get said(): readonly string[] {
    return this.#server?.said ?? [];
  }

  async start(bundle: string, variables: Record<string, string>): Promise<void> {
    this.#server = await start(bundle, this.#data, variables);
  }

  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.stop(signal);
  }
}

/** Runs with data of its own, on which servers are started. */
export function withServing<Result>(use: (serving: Serving) => Promise<Result>): Promise<Result> {
  return withData(async (data) => {
    const serving = new Serving(data);
    try {
      return await use(serving);
    } finally {
      await serving.stop();
    }
  });
}
