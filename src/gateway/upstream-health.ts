/** How long an answer is good for, so that many probes make few requests. */
const FRESH_MS = 1_000;

/** How long the server may take to say that it is well. */
const ANSWER_MAX_MS = 2_000;

/** Whether the server behind the gateway serves, as its /health says. */
export class UpstreamHealth {
  readonly #url: string;
  #askedAt = Number.NEGATIVE_INFINITY;
  #answer = Promise.resolve(false);

  constructor(upstream: string) {
    this.#url = `${upstream}/health`;
  }

  isServing(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#askedAt >= FRESH_MS) {
      this.#askedAt = now;
      this.#answer = ask(this.#url);
    }
    return this.#answer;
  }
}

async function ask(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MAX_MS) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
