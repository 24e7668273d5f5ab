import { type CallOptions, type Client, createClient, type Transport } from "@connectrpc/connect";
import { attemptTransport } from "./attempt.ts";
import type { Credentials, CredentialsProvider } from "./credentials.ts";
import type { AppInstanceUserEndpointSummary } from "./gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { AppInstanceUserEndpointService } from "./gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { persist } from "./retry.ts";

export interface RollcallClientOptions {
  /** Where the server is, an absolute URL: "https://rollcall.example.com". */
  readonly baseUrl: string | URL;
  /** A bearer token, an AWS access key, or a function that answers one of them. */
  readonly credentials: Credentials | CredentialsProvider;
  /** The region that signatures name; us-east-1 when absent. It matters where the server takes certain regions only. */
  readonly region?: string | undefined;
  /** How often a call may be attempted; 4 when absent, and 1 for no retry. */
  readonly maxAttempts?: number | undefined;
  /** How long a call may take with all its attempts, in milliseconds, unless it says so itself; 30,000 when absent, and 0 for no limit. */
  readonly defaultTimeoutMs?: number | undefined;
  /** What to send requests with in the place of the platform's fetch: a proxy's, or that of a service binding. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * The operations of the register. Every call that fails rejects with a RollcallError.
 *
 * Calls are retried where that is safe and of use: when the server asks for it, after the time that it names, and when
 * no answer comes. `timeoutMs` of a call bounds all of its attempts together, and its `signal` ends them.
 */
export interface RollcallClient extends Client<typeof AppInstanceUserEndpointService> {
  /** All endpoints of a user, in the order of their registration; each page is fetched when it is reached. */
  listAllAppInstanceUserEndpoints(
    request: {
      readonly appInstanceUserArn: string;
      /** How many endpoints to fetch at a time, 1 to 50; 50 when absent. */
      readonly maxResults?: number;
    },
    options?: CallOptions,
  ): AsyncGenerator<AppInstanceUserEndpointSummary, void, undefined>;
}

const MAX_ATTEMPTS_DEFAULT = 4;
const TIMEOUT_DEFAULT_MS = 30_000;

/**
 * Makes a client. It holds no connection and needs no closing, and one may be shared by everything that calls with the
 * same credentials. Throws TypeError if `baseUrl` is not absolute, or has a user name or a password in it.
 */
export function createRollcallClient(options: RollcallClientOptions): RollcallClient {
  const client = createClient(AppInstanceUserEndpointService, persistentTransport(options));
  return {
    ...client,
    // The token is made here, once a call, so that all attempts at the call have the same.
    registerAppInstanceUserEndpoint: (request, callOptions) =>
      client.registerAppInstanceUserEndpoint(
        { ...request, clientRequestToken: request.clientRequestToken || newRequestToken() },
        callOptions,
      ),
    async *listAllAppInstanceUserEndpoints(request, callOptions) {
      let nextToken = "";
      do {
        const page = await client.listAppInstanceUserEndpoints({ ...request, nextToken }, callOptions);
        yield* page.appInstanceUserEndpoints;
        nextToken = page.nextToken;
      } while (nextToken !== "");
    },
  };
}

/** Unique among one user's registrations is enough, and it is no secret: React Native has no `crypto`. */
function newRequestToken(): string {
  if (typeof crypto === "object" && typeof crypto.randomUUID === "function") {
    return crypto.randomUUID();
  }
  const random = () => Math.random().toString(36).slice(2).padEnd(11, "0");
  return [random(), random(), random()].join("-");
}

/** Names no value: what is wrong with a URL may be a password in it, and no request can be made with one. */
function checkBaseUrl(baseUrl: string): void {
  if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
    throw new TypeError("baseUrl must be an absolute URL, such as https://rollcall.example.com");
  }
  const { username, password } = new URL(baseUrl);
  if (username !== "" || password !== "") {
    throw new TypeError("baseUrl must have no user name and no password: who calls is said by credentials");
  }
}

/** A transport on which one call is as many attempts as it takes. */
function persistentTransport({
  baseUrl,
  credentials,
  region = "us-east-1",
  maxAttempts = MAX_ATTEMPTS_DEFAULT,
  defaultTimeoutMs = TIMEOUT_DEFAULT_MS,
  fetch,
}: RollcallClientOptions): Transport {
  checkBaseUrl(String(baseUrl));
  const target = { baseUrl, credentials, region, fetch };
  const canRefresh = typeof credentials === "function";
  return {
    unary(method, signal, callTimeoutMs = defaultTimeoutMs, header, message, contextValues) {
      const limits = {
        maxAttempts,
        timeoutMs: callTimeoutMs > 0 ? callTimeoutMs : Number.POSITIVE_INFINITY,
        canRefresh,
        signal,
      };
      return persist(({ timeoutMs, forceRefresh }) => {
        const attempt = attemptTransport(target, forceRefresh);
        return attempt.unary(method, signal, timeoutMs, header, message, contextValues);
      }, limits);
    },
    stream() {
      throw new Error("The service has no streaming operation.");
    },
  };
}
