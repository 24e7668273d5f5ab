import type { Message } from "@bufbuild/protobuf";
import type { Failure } from "../../model/failure.ts";
import { jsonReply, type Reply } from "../http/respond.ts";
import { writeMessage } from "../messages/write.ts";
import type { Operation } from "../operations.ts";
import { restError } from "./errors.ts";

/** The answer to a call that succeeded. */
export function encode({ method, successStatus: status }: Operation, response: Message): Reply {
  return status === 204 ? { status, body: null } : jsonReply({ status, body: writeMessage(method.output, response) });
}

/** A refusal, as AWS SDKs read it. */
export function errorReply(failure: Failure): Reply {
  return jsonReply(restError(failure));
}
