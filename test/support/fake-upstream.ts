import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { toBinary } from "@bufbuild/protobuf";
import { afterAll } from "vitest";
import { ListAppInstanceUserEndpointsResponseSchema } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";

/** An answer to a List that is as it should be. */
export const LISTED = toBinary(ListAppInstanceUserEndpointsResponseSchema, {
  $typeName: "rollcall.v1.ListAppInstanceUserEndpointsResponse",
  appInstanceUserEndpoints: [],
  nextToken: "next",
});

/** A server of HTTP that stands where Rollcall's would; answers its URL. It ends with the tests of the file. */
export function httpUpstream(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  // As large as workerd takes headers.
  const server = createServer({ maxHeaderSize: 128 * 1_024 }, answer);
  afterAll(() => server.closeAllConnections());
  return listening(server);
}

/** A server of bytes: what it writes need not be HTTP. It is given a connection when a request has begun to arrive. */
export function rawUpstream(answer: (socket: Socket) => void): Promise<string> {
  return listening(
    createTcpServer((socket) => {
      socket.on("error", () => {}).once("data", () => answer(socket));
    }),
  );
}

async function listening(server: Server): Promise<string> {
  afterAll(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
