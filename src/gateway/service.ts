import type { DescService } from "@bufbuild/protobuf";
import type { ConnectError, ConnectRouterOptions } from "@connectrpc/connect";
import { AppInstanceUserEndpointService } from "../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { CODECS, type Codecs } from "../worker/transport/rpc/codec.ts";
import { type ErrorOf, rpcError } from "../worker/transport/rpc/errors.ts";
import { reasonOf } from "./errors.ts";

/** A service whose calls are sent on. Ours is one; that of the conformance suite is another. */
export interface ForwardedService {
  readonly descriptor: DescService;
  /** How requests are read. */
  readonly codecs: Codecs;
  /** How answers are written as JSON. */
  readonly jsonOptions?: ConnectRouterOptions["jsonOptions"];
  /** How the gateway tells what it refuses by itself. */
  readonly errorOf: ErrorOf;
  /** Whether it was the service itself that told an error, and nothing that stands before it. */
  isTold(error: ConnectError): boolean;
}

export const ROLLCALL: ForwardedService = {
  descriptor: AppInstanceUserEndpointService,
  codecs: CODECS,
  errorOf: rpcError,
  isTold: (error) => reasonOf(error) !== undefined,
};
