/**
 * A header as the client sent it. Cloudflare and `wrangler dev` put an Accept-Encoding of their own in the place of the
 * client's, and keep the client's beside the request: "" where it sent none.
 * Source: developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties
 */
export function sentHeader({ headers, cf }: Request, name: string): string | null {
  const original = name === "accept-encoding" ? cf?.clientAcceptEncoding : undefined;
  return typeof original === "string" ? original : headers.get(name);
}
