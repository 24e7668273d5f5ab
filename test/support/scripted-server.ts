/** A server of the client's tests: it answers what it is told to, in the Worker's own words, and keeps what it was asked. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import {
  type RegisterAppInstanceUserEndpointRequest,
  RegisterAppInstanceUserEndpointRequestSchema,
  RegisterAppInstanceUserEndpointResponseSchema,
} from "../../src/client/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import {
  createRollcallClient,
  type RollcallClient,
  type RollcallClientOptions,
  RollcallError,
} from "../../src/client/index.ts";
import { connectError } from "../../src/gateway/errors.ts";
import type { Failure } from "../../src/worker/model/failure.ts";

/** "ok": the registration succeeds. "lost": the connection is lost. "silence": no answer ever comes. */
export type Answer = "ok" | "lost" | "silence" | Failure | ConnectError | Response;

export interface Asked {
  /** When, in milliseconds. */
  readonly at: number;
  readonly url: string;
  readonly headers: Headers;
  readonly redirect: string | undefined;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly message: RegisterAppInstanceUserEndpointRequest;
}

export const REGISTERED_ID = "01a209ea-2973-751f-be34-6ebcac5eba39";

export const REQUEST_ID = "5d3e9f0a-6f2c-4a55-b6a4-2f6c1f0f9a11";

export interface ScriptedServer {
  readonly asked: readonly Asked[];
  client(options?: Partial<RollcallClientOptions>): RollcallClient;
}

/** Answers as the script says, and the last answer of it ever after. */
export function scriptedServer(...script: Answer[]): ScriptedServer {
  const asked: Asked[] = [];
  const fetch = async (url: unknown, { headers, redirect, body, signal }: RequestInit = {}) => {
    const bytes = body as Uint8Array<ArrayBuffer>;
    const message = fromBinary(RegisterAppInstanceUserEndpointRequestSchema, bytes);
    const at = performance.now();
    asked.push({ at, url: String(url), headers: new Headers(headers), redirect, body: bytes, message });
    return answer(script[Math.min(asked.length, script.length) - 1] ?? "ok", signal);
  };
  return {
    asked,
    client: (options = {}) => {
      const baseUrl = "https://rollcall.example.com";
      return createRollcallClient({
        baseUrl,
        credentials: "a-token",
        fetch: fetch as typeof globalThis.fetch,
        ...options,
      });
    },
  };
}

/** What a call is refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<RollcallError> {
  const outcome = await call.then(
    () => "success",
    (error: unknown) => error,
  );
  if (!(outcome instanceof RollcallError)) {
    throw new Error(`not a RollcallError: ${outcome}`, { cause: outcome });
  }
  return outcome;
}

function answer(given: Answer, signal: AbortSignal | null | undefined): Response | Promise<Response> {
  if (given instanceof Response) {
    return given;
  }
  if (given === "ok") {
    const bytes = toBinary(RegisterAppInstanceUserEndpointResponseSchema, {
      $typeName: "rollcall.v1.RegisterAppInstanceUserEndpointResponse",
      appInstanceUserArn: "",
      endpointId: REGISTERED_ID,
    });
    return new Response(bytes, { headers: { "content-type": "application/proto", "x-amzn-requestid": REQUEST_ID } });
  }
  if (given === "lost") {
    return Promise.reject(new TypeError("fetch failed"));
  }
  if (given === "silence") {
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
  return refusal(given instanceof ConnectError ? given : connectError(given));
}

function refusal(error: ConnectError): Response {
  const headers = new Headers(error.metadata);
  headers.set("x-amzn-requestid", REQUEST_ID);
  // The client goes by the code in the body; the status has only to say that it is an error.
  return Response.json(errorToJson(error, undefined), { status: 500, headers });
}
