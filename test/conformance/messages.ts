/** What the Worker and the gateway serve in the place of Rollcall's service: the suite's, and how its messages are written. */
import { createRegistry, type DescMethod, type DescMethodUnary, fromJson, toJsonString } from "@bufbuild/protobuf";
import { BODY } from "../../src/worker/transport/messages/read.ts";
import { type Codecs, CODECS as OURS } from "../../src/worker/transport/rpc/codec.ts";
import {
  ConformanceService,
  file_connectrpc_conformance_v1_service,
} from "./gen/connectrpc/conformance/v1/service_pb.ts";

/** The rpcs that do not stream. */
export const METHODS: readonly DescMethodUnary[] = ConformanceService.methods.filter(isUnary);

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

/** What an Any of the suite's may hold. */
export const registry = createRegistry(file_connectrpc_conformance_v1_service);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Rollcall's reader of JSON knows the kinds of members that Rollcall's messages have; the suite's have others, and are
 * read by protobuf-es. Ours has tests of its own (test/worker/transport/messages/proto3-json.test.ts).
 */
export const CODECS: Codecs = {
  proto: OURS.proto,
  json: {
    name: "json",
    decode: (schema, content) => {
      try {
        return fromJson(schema, JSON.parse(utf8.decode(content)), { registry });
      } catch {
        return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: `${schema.typeName} in JSON` };
      }
    },
    encode: (schema, message) => toJsonString(schema, message, { registry }),
  },
};
