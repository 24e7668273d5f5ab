/** Credentials of local mode, for requests that no client signs by itself. The signer is aws4fetch, none of our own. */
import type { Interceptor } from "@connectrpc/connect";
import { AwsV4Signer } from "aws4fetch";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY, localToken } from "../../src/command/local.ts";
import { authenticate } from "../../src/worker/auth/authenticate.ts";
import { LOCAL_PRINCIPALS } from "../../src/worker/auth/local-principals.ts";
import { readPrincipals } from "../../src/worker/auth/principals.ts";
import { sessionsOf } from "../../src/worker/auth/sessions/sessions.ts";
import type { ReceivedRequest } from "../../src/worker/auth/sigv4/verify.ts";
import { readConfig } from "../../src/worker/config.ts";
import { ThrottledCalls } from "../../src/worker/transport/users/throttled-calls.ts";

export const LOCAL_CREDENTIALS = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY };

export const LOCAL_VARIABLES = { LOCAL_MODE: "true" };

/** The callers of local mode, configured as those of a deployment are: it tells less of why they are refused. */
export const DEPLOYED_VARIABLES: Record<string, string> = Object.fromEntries(
  Object.entries(LOCAL_PRINCIPALS).map(([name, document]) => [`PRINCIPAL_${name}`, JSON.stringify(document)]),
);

/** What a service is made with in local mode, for tests that make one by themselves. */
export function localService(variables: Record<string, string> = LOCAL_VARIABLES) {
  const config = readConfig(variables);
  const principals = readPrincipals(variables, config);
  const sessions = sessionsOf(principals, Date.now);
  return {
    config,
    ...(sessions && { sessions }),
    throttledCalls: new ThrottledCalls(),
    authenticate: (received: ReceivedRequest) => authenticate(received, principals, Date.now()),
  };
}

/** The parts of a request that its signature covers; a body is signed as it is sent. */
export interface Unsigned {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

/** What aws4fetch takes besides the request and the credentials of local mode. */
export type Signing = Partial<ConstructorParameters<typeof AwsV4Signer>[0]>;

/** The headers of a request with a signature among them: by local mode's key for everything, if not told otherwise. */
export async function signedHeaders(url: string, request: Unsigned, signing: Signing = {}) {
  const signed = await signer(url, request, signing).sign();
  return { ...request.headers, ...Object.fromEntries(signed.headers) };
}

/** The URL of a request with a signature in its query. */
export async function presignedUrl(url: string, request: Unsigned, signing: Signing = {}): Promise<string> {
  const lasting = new URL(url);
  lasting.searchParams.set("X-Amz-Expires", "300");
  return String((await signer(lasting.href, request, { signQuery: true, ...signing }).sign()).url);
}

function signer(url: string, { method, headers, body }: Unsigned, signing: Signing): AwsV4Signer {
  return new AwsV4Signer({
    ...LOCAL_CREDENTIALS,
    ...{ url, method, headers: { ...headers }, service: "chime", region: "us-east-1" },
    ...(body !== null && { body }),
    ...signing,
  });
}

/** Headers with a bearer token for the user of an ARN. */
export async function bearerOf(arn: string): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await localToken(arn.split("/").at(-1) ?? "")}` };
}

/** Has every call of a Connect client bear a token for the user that it is about. */
export const withBearer: Interceptor = (next) => async (request) => {
  const { appInstanceUserArn } = request.message as { appInstanceUserArn?: string };
  const { authorization } = await bearerOf(appInstanceUserArn || "nobody");
  request.header.set("authorization", authorization);
  return next(request);
};
