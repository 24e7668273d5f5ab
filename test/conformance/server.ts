/**
 * The server under test, as the suite starts it: `node server.ts worker|gateway BUNDLE`. It is told on stdin what to
 * serve, which it always does all of, says on stdout where, and serves until it is ended.
 */
import { once } from "node:events";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import { startGateway } from "../../src/gateway/index.ts";
import { rpcError } from "../../src/worker/transport/rpc/errors.ts";
import {
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "./gen/connectrpc/conformance/v1/server_compat_pb.ts";
import { ConformanceService } from "./gen/connectrpc/conformance/v1/service_pb.ts";
import { CODECS, METHODS, registry } from "./messages.ts";

/** Before each message, its length. */
const LENGTH_BYTES = 4;

const [where, bundle = ""] = process.argv.slice(2);
const { stdin, stdout } = process;
// The gateway's lines: stdout is the suite's.
console.log = () => {};

await readRequest();
const worker = await startTemporaryWorkerd(bundle);
const gateway = where === "gateway" ? await gatewayTo(worker.url) : undefined;
process.once("SIGTERM", async () => {
  // Nothing is in flight by now, and the suite waits for nobody.
  await worker.stop();
  process.exit();
});
const { hostname, port } = new URL((gateway ?? worker).url);
write(toBinary(ServerCompatResponseSchema, create(ServerCompatResponseSchema, { host: hostname, port: Number(port) })));

/** Whatever protocol, version of HTTP and limit it names, there is one server, and it has its own limit. */
async function readRequest(): Promise<void> {
  const length = (await read(LENGTH_BYTES)).readUInt32BE();
  if (fromBinary(ServerCompatRequestSchema, await read(length)).useTls) {
    throw new Error("TLS was asked for, which the configuration leaves out");
  }
}

async function read(bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk: Buffer | null = stdin.read(bytes);
    if (chunk !== null) {
      return chunk;
    }
    await once(stdin, "readable");
  }
}

function write(message: Uint8Array): void {
  const prefix = Buffer.alloc(LENGTH_BYTES);
  prefix.writeUInt32BE(message.byteLength);
  stdout.write(Buffer.concat([prefix, message]));
}

function gatewayTo(upstream: string) {
  return startGateway(
    { host: "127.0.0.1", port: 0, upstream },
    {
      descriptor: { ...ConformanceService, methods: [...METHODS] },
      codecs: CODECS,
      errorOf: (failure) => ({ ...rpcError(failure), details: [] }),
      jsonOptions: { registry },
      isTold: () => true,
    },
  );
}
