import { html, type TemplateResult } from "lit-html";
import { userOf } from "../caller.ts";
import type { Equivalent } from "../equivalents/equivalents.ts";
import { quote } from "../equivalents/shell.ts";

/** What a text needs besides to run as it is, if anything; `localArn` is the user that it is about, in local mode. */
export function noteOn({ text = "" }: Equivalent, localArn?: string): TemplateResult | undefined {
  if (/\bTOKEN\b/.test(text)) {
    return localArn === undefined
      ? html`<code>TOKEN</code> is your bearer token.`
      : html`<code>export TOKEN=$(npm run --silent token -- ${quote(userOf(localArn))})</code>`;
  }
  const signs = /chime-sdk-identity|aws-sigv4|SigV4Auth/.test(text) && !/no-sign-request|UNSIGNED/.test(text);
  return signs && localArn === undefined ? html`It signs with an access key of yours.` : undefined;
}
