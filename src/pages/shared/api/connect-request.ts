import { toJsonString } from "@bufbuild/protobuf";
import { SERVICE_NAME } from "../../../worker/transport/operations.ts";
import type { Call } from "./call.ts";
import type { WireRequest } from "./exchange.ts";

/** A call as Connect's clients send it, in JSON. */
export function connectRequest({ operation: { method, name }, request }: Call): WireRequest {
  return {
    verb: "POST",
    path: `/${SERVICE_NAME}/${name}`,
    headers: { "content-type": "application/json" },
    body: toJsonString(method.input, request),
  };
}
