/**
 * Signatures of Standard Webhooks: what a receiver's library verifies.
 * Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md
 */
import { createHmac } from "node:crypto";
import type { Batch } from "./batch.ts";

/** The headers of a batch that is sent now: signed by each key, so that a receiver may know either. */
export function signedHeaders(
  { id, body }: Pick<Batch, "id" | "body">,
  keys: readonly Uint8Array[],
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000));
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  return {
    "content-type": "application/cloudevents-batch+json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
