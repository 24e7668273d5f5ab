import type { Batch } from "../../core/directory/events/batch.ts";
import { signedHeaders } from "../../core/directory/events/sign.ts";
import type { EventsTarget } from "../../model/events.ts";
import { EVENTS_ANSWER_MAX_MS } from "../../model/limits.ts";

/**
 * Posts a batch. Answers why it was not taken, and undefined if it was. It says nothing of the address, which may hold a secret, so nothing
 * that the runtime says either.
 */
export async function post({ url, keys }: EventsTarget, batch: Batch): Promise<string | undefined> {
  const timeout = new AbortController();
  // Not AbortSignal.timeout, which would go on after the answer, and keep the object awake for it.
  const timer = setTimeout(() => timeout.abort(), EVENTS_ANSWER_MAX_MS);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: signedHeaders(batch, keys, Date.now()),
      body: batch.body,
      redirect: "manual",
      signal: timeout.signal,
    });
    // It says nothing that matters, and may be without end.
    answer.body?.cancel().catch(() => undefined);
    return answer.ok ? undefined : `status ${answer.status}`;
  } catch {
    return timeout.signal.aborted ? "no answer in time" : "unreachable";
  } finally {
    clearTimeout(timer);
  }
}
