import type { Call } from "../api/call.ts";
import { connectRequest } from "../api/connect-request.ts";
import type { Credentials } from "../api/credentials.ts";
import type { Exchange } from "../api/exchange.ts";
import { restRequest } from "../api/rest.ts";
import { awsCli } from "./aws-cli.ts";
import { unknownToAws } from "./aws-model.ts";
import { boto3 } from "./boto3.ts";
import { botocore } from "./botocore.ts";
import { curl } from "./curl.ts";
import { curlSigned } from "./curl-signed.ts";
import { typescript } from "./typescript.ts";

export type Language = "AWS CLI" | "curl" | "Python" | "TypeScript" | "curl, Connect";

/** A way to make the same call without this page. */
export interface Equivalent {
  readonly name: Language;
  /** To be copied; undefined where this one makes no such call. */
  readonly text: string | undefined;
  /** Why it is not what its name says. */
  readonly because?: string | undefined;
}

/** What was done, as far as a person could do it elsewhere. */
export interface Done {
  readonly call: Call;
  readonly credentials: Credentials;
  /** Whether a request was changed on its way to what no client sends. */
  readonly isTampered: boolean;
  readonly exchanges: readonly Exchange[];
}

type Write = (origin: string, call: Call, credentials: Credentials) => string | undefined;

/** All of them. None holds the caller's token. */
export function equivalents(origin: string, { call, credentials, isTampered, exchanges }: Done): Equivalent[] {
  const sent = (wire: Exchange["wire"]) => exchanges.find((exchange) => exchange.wire === wire)?.request;
  const byClient = (write: Write) => (isTampered ? undefined : write(origin, call, credentials));
  const own = unknownToAws(call);
  const byAws = (name: Language, write: Write, instead: Write, who: string, signer: string): Equivalent =>
    own === undefined
      ? { name, text: byClient(write) }
      : { name, text: byClient(instead), because: `${who} ${own} ${signer} signs it with the same access key:` };
  return [
    byAws("AWS CLI", awsCli, curlSigned, "AWS’s CLI and SDKs", "curl"),
    { name: "curl", text: curl(origin, sent("REST") ?? restRequest(call), credentials.shown) },
    byAws("Python", boto3, botocore, "AWS’s SDKs", "botocore, which is boto3’s own,"),
    { name: "TypeScript", text: byClient(typescript) },
    { name: "curl, Connect", text: curl(origin, sent("Connect") ?? connectRequest(call), credentials.shown) },
  ];
}
