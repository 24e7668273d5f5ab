/** The protocols that are spoken here, and which of them a request is one of. */
import { connectWire, isConnect } from "./connect/wire.ts";
import { grpcWebWire, isGrpcWeb } from "./grpc-web/wire.ts";
import type { Incoming } from "./incoming.ts";
import { SERVICE_NAME } from "./operations.ts";
import { isRestPath, REST } from "./rest/wire.ts";
import type { Wire } from "./wire.ts";

const CONNECT = connectWire();
const GRPC_WEB = grpcWebWire();

/** By what the request says of itself, whatever its path, so that callers of what is not here understand the answer. */
export function wireOf({ request, url, head }: Incoming): Wire | undefined {
  if (isGrpcWeb(head.contentType)) {
    return GRPC_WEB;
  }
  if (url.pathname.startsWith(`/${SERVICE_NAME}/`) || isConnect(request.headers, head)) {
    return CONNECT;
  }
  return isRestPath(url.pathname) ? REST : undefined;
}
