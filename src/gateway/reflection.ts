/**
 * Server reflection: tells clients such as grpcurl and `buf curl` what there is to call, so that they need no files.
 * Both versions of it, which differ in their names only.
 * Source: github.com/grpc/grpc/blob/master/doc/server-reflection.md
 */
import {
  createRegistry,
  type DescFile,
  type DescService,
  type MessageInitShape,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type {
  ExtensionRequest,
  ServerReflection,
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "./gen/grpc/reflection/v1/reflection_pb.ts";
import { REFLECTION_REQUESTS_MAX } from "./limits.ts";
import { until } from "./until.ts";

type Question = ServerReflectionRequest["messageRequest"];
type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"] & object;
type Extension = Pick<ExtensionRequest, "containingType" | "extensionNumber">;

/** Tells of services, of files that hold their errors' details, and of all that those import. */
export function reflection(
  services: readonly DescService[],
  details: readonly DescFile[],
): ServiceImpl<typeof ServerReflection> {
  const files = new Map<string, DescFile>();
  for (const file of [...services.map(({ file }) => file), ...details]) {
    addWithImports(file, files);
  }
  const registry = createRegistry(...files.values());

  function answer({ case: what, value }: Question, sent: Set<DescFile>): Answer {
    switch (what) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: services.map(({ typeName: name }) => ({ name })) } };
      case "fileByFilename":
        return fileAnswer(files.get(value), sent);
      case "fileContainingSymbol":
        return fileAnswer(fileOfSymbol(registry, value), sent);
      case "fileContainingExtension":
        return fileAnswer(fileOfExtension(registry, value), sent);
      case "allExtensionNumbersOfType":
        return extensionNumbersAnswer(registry, value);
      default:
        return refusal(Code.InvalidArgument, "the request asks for nothing");
    }
  }

  return {
    async *serverReflectionInfo(requests, { signal }) {
      // A file once on each stream is enough: the client keeps it.
      const sent = new Set<DescFile>();
      let count = 0;
      for await (const request of until(signal, requests)) {
        count += 1;
        if (count > REFLECTION_REQUESTS_MAX) {
          throw new ConnectError(
            `One stream of reflection answers ${REFLECTION_REQUESTS_MAX} requests. Open another one for more.`,
            Code.ResourceExhausted,
          );
        }
        const { host: validHost, messageRequest } = request;
        yield { validHost, originalRequest: request, messageResponse: answer(messageRequest, sent) };
      }
    },
  };
}

function addWithImports(file: DescFile, files: Map<string, DescFile>): void {
  if (!files.has(file.proto.name)) {
    files.set(file.proto.name, file);
    for (const imported of file.dependencies) {
      addWithImports(imported, files);
    }
  }
}

/** The file that declares a type, or a member of one: of "a.Service.Method" that of "a.Service". */
function fileOfSymbol(registry: Registry, symbol: string): DescFile | undefined {
  const parent = symbol.slice(0, Math.max(0, symbol.lastIndexOf(".")));
  return (registry.get(symbol) ?? registry.get(parent))?.file;
}

function fileOfExtension(registry: Registry, { containingType, extensionNumber }: Extension): DescFile | undefined {
  const extended = registry.getMessage(containingType);
  return extended && registry.getExtensionFor(extended, extensionNumber)?.file;
}

function fileAnswer(file: DescFile | undefined, sent: Set<DescFile>): Answer {
  if (file === undefined) {
    return refusal(Code.NotFound, "there is no such file, symbol or extension");
  }
  const needed = new Map<string, DescFile>();
  addWithImports(file, needed);
  const missing = Array.from(needed.values()).filter((imported) => imported === file || !sent.has(imported));
  for (const imported of missing) {
    sent.add(imported);
  }
  const fileDescriptorProto = missing.map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function extensionNumbersAnswer(registry: Registry, baseTypeName: string): Answer {
  if (registry.getMessage(baseTypeName) === undefined) {
    return refusal(Code.NotFound, "there is no such message");
  }
  const extensions = Array.from(registry).filter((type) => type.kind === "extension");
  const extensionNumber = extensions
    .filter(({ extendee }) => extendee.typeName === baseTypeName)
    .map(({ number }) => number);
  return { case: "allExtensionNumbersResponse", value: { baseTypeName, extensionNumber } };
}

function refusal(errorCode: Code, errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
