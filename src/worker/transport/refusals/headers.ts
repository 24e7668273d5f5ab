/** What a caller without valid credentials may come back with. */
export const CHALLENGE = { "www-authenticate": 'AWS4-HMAC-SHA256, Bearer realm="rollcall"' };

/** How long to wait: for HTTP clients in seconds, for AWS SDKs in milliseconds as well. */
export function retryHeaders({ retryAfterMs }: { retryAfterMs: number }): Record<string, string> {
  return {
    "retry-after": String(Math.ceil(retryAfterMs / 1_000)),
    "x-amz-retry-after": String(retryAfterMs),
  };
}
