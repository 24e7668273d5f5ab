import { OPERATIONS, type Rpc } from "../operations.ts";
import { CODECS, type Codecs } from "./codec.ts";
import { type ErrorOf, rpcError } from "./errors.ts";

/** What Connect and gRPC-Web serve. Ours is one; that of the conformance suite is another. */
export interface RpcService {
  readonly rpcs: readonly Rpc[];
  readonly codecs: Codecs;
  readonly errorOf: ErrorOf;
}

export const ROLLCALL: RpcService = { rpcs: OPERATIONS, codecs: CODECS, errorOf: rpcError };
