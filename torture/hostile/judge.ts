/** What may come back of a hostile request, and be said of it: no error of the server's, and nothing that was secret. */
import { LOCAL_SECRET_ACCESS_KEY, LOCAL_TOKENS } from "../../src/worker/auth/local-principals.ts";
import type { RawAnswer } from "./raw.ts";

/** Shorter ones could come back by chance. */
const SECRETS = [
  /Signature=([0-9a-f]{16,})/gi,
  /X-Amz-Security-Token: *([\w.-]{12,})/gi,
  /Bearer +([\w.~+/=-]{12,})/gi,
  // Of a token also each part by itself, but the first, which says no more than how it is signed.
  /Bearer +[\w-]+\.([\w-]{12,})/gi,
  /Bearer +[\w-]+\.[\w-]+\.([\w-]{12,})/gi,
];

/** What of a request may come back nowhere. */
export function secretsIn(request: string, secret: string): string[] {
  const found = SECRETS.flatMap((pattern) => Array.from(request.matchAll(pattern), ([, text]) => text as string));
  return [secret, LOCAL_SECRET_ACCESS_KEY, LOCAL_TOKENS.secret, ...found];
}

/** What is wrong with an answer, if anything. */
export function wrongInAnswer(answer: RawAnswer, request: string, secrets: readonly string[]): string | undefined {
  const { status, requestId, text } = answer;
  // CONNECT asks for a tunnel: an event of its own to the runtime, which no Worker gets without an experimental flag.
  const isTunnel = requestId === undefined && request.startsWith("CONNECT ");
  // Connect's status for a deadline that has passed: where the caller set one.
  const isLate = status === 504 && /^(connect-timeout-ms|grpc-timeout):/im.test(request);
  if (!(status < 500 || status === 501 || status === 503 || isTunnel || isLate)) {
    return `answered ${status}`;
  }
  // A user's own list has the names that the user gave.
  const isOwnList = status === 200 && request.startsWith("GET ");
  return !isOwnList && reveals(text, secrets) ? `answered ${status} with a secret` : undefined;
}

/** What is wrong with the lines that a server wrote, if anything. */
export function wrongInLines(lines: readonly string[], secrets: ReadonlySet<string>): string[] {
  const wrong = lines.filter((line) => isTrouble(line) || reveals(line, [...secrets, "arn:aws", "arn%3Aaws"]));
  return wrong.map((line) => `the log has: ${line.slice(0, 300)}`);
}

/** The two lines that workerd writes of a tunnel that it refuses. */
const OF_TUNNELS = /connect event|does not export a connect\(\) function/;

function isTrouble(line: string): boolean {
  return !line.startsWith('{"event":"request"') && line !== "" && !OF_TUNNELS.test(line);
}

/** Whether a text has one of these, as it stands or in the base64 of an error's details. */
function reveals(text: string, secrets: readonly string[]): boolean {
  const details = Array.from(text.matchAll(/"value":"([\w+/=]+)"/g), ([, value]) =>
    Buffer.from(value ?? "", "base64").toString("latin1"),
  );
  return [text, ...details].some((readable) => secrets.some((secret) => readable.includes(secret)));
}
