import type { AccessKey } from "../api/credentials.ts";
import type { WireRequest } from "../api/exchange.ts";
import { command, quote } from "./shell.ts";

/** Shells refuse arguments that are much longer, and nobody wants to read them. */
const BODY_SHOWN_MAX = 20_000;

/**
 * The request for curl, which prints the whole answer: with an Authorization header, in which the shell fills in variables, or
 * signed with an access key.
 */
export function curl(
  origin: string,
  { verb, path, headers, body }: WireRequest,
  caller?: string | AccessKey | undefined,
): string {
  const isLong = body.length > BODY_SHOWN_MAX;
  const verbByItself = body === "" ? "GET" : "POST";
  const curled = command(
    `curl -si ${verb === verbByItself ? "" : `-X ${verb} `}${quote(origin + path)}`,
    ...callerOptions(caller),
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${headerCase(name)}: ${value}`)}`),
    ...(body === "" ? [] : [isLong ? "--data-binary @-" : `-d ${quote(body)}`]),
  );
  return isLong ? `${filler(body)} | ${curled}` : curled;
}

function callerOptions(caller: string | AccessKey | undefined): string[] {
  switch (typeof caller) {
    case "undefined":
      return [];
    case "string":
      return [`-H "Authorization: ${caller}"`];
    default:
      return [`--aws-sigv4 aws:amz:us-east-1:chime --user "${caller.accessKeyId}:${caller.secretAccessKey}"`];
  }
}

/** A body too long to print is one letter again and again. */
function filler(body: string): string {
  return `head -c ${body.length} /dev/zero | tr '\\0' ${quote(body.charAt(0))}`;
}

/** "content-type" to "Content-Type", as people write it. */
function headerCase(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
