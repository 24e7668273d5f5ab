import { REST } from "../../worker/transport/messages/dialect.ts";
import { readable, readMessage } from "../../worker/transport/messages/read.ts";
import type { Operation } from "../../worker/transport/operations.ts";
import type { Call } from "../shared/api/call.ts";
import { parsed } from "./state.ts";

/** The call that a request says, or what of it can't be read. Whether it is valid, the server tells. */
export function callIn(operation: Operation, text: string): Call | string {
  const data = parsed(text);
  if (data === undefined) {
    return "This is not an object in JSON.";
  }
  const { method } = operation;
  const request = readable(() => readMessage(method.input, data, REST, "the request"));
  return "kind" in request ? `${request.at} must be ${request.expected}.` : { method, operation, request };
}
