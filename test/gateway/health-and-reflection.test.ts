import { gzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { ServerReflection } from "../../src/gateway/gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../src/gateway/gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../src/gateway/gen/health/v1/health_pb.ts";
import { envelope } from "../../src/worker/transport/rpc/envelope.ts";
import { httpUpstream } from "../support/fake-upstream.ts";
import { gatewayTo } from "../support/gateway.ts";

const SERVICE = "rollcall.v1.AppInstanceUserEndpointService";

let health = 200;
const gateway = gatewayTo(() =>
  httpUpstream(({ url }, response) => response.writeHead(url === "/health" ? health : 500).end()),
);
const deserted = gatewayTo(() => "http://127.0.0.1:1");

const at = (url: string) => createClient(Health, createGrpcTransport({ baseUrl: url }));

describe("health", () => {
  it("is that of the server behind", async () => {
    health = 200;
    for (const service of ["", SERVICE]) {
      expect(await at(gateway.url).check({ service })).toMatchObject({ status: Status.SERVING });
      expect(await at(deserted.url).check({ service })).toMatchObject({ status: Status.NOT_SERVING });
    }
    const { statuses } = await at(gateway.url).list({});
    expect(Object.keys(statuses)).toEqual(["", SERVICE]);
  });

  it("of a service that there is not is not known", async () => {
    await expect(at(gateway.url).check({ service: "another" })).rejects.toMatchObject({ code: 5 });
    for await (const { status } of at(gateway.url).watch({ service: "another" })) {
      expect(status).toBe(Status.SERVICE_UNKNOWN);
      break;
    }
  });

  it("is told to who watches, each time it changes", async () => {
    health = 200;
    const told: Status[] = [];
    for await (const { status } of at(gateway.url).watch({})) {
      told.push(status);
      health = told.length === 1 ? 503 : 200;
      if (told.length === 3) {
        break;
      }
    }
    expect(told).toEqual([Status.SERVING, Status.NOT_SERVING, Status.SERVING]);
  });
});

describe("a health check that can't be read", () => {
  const gzip = { "content-encoding": "gzip" };
  it.each<[string, Record<string, string>, string | Uint8Array<ArrayBuffer>]>([
    ["no message of Protobuf's", {}, Uint8Array.of(0x07)],
    ["a text that is no UTF-8", {}, Uint8Array.of(0x0a, 1, 0xff)],
    ["no JSON", { "content-type": "application/json" }, "{"],
    ["a number for a text", { "content-type": "application/json" }, '{"service":1e300}'],
    ["half of what was compressed", gzip, Uint8Array.from(gzipSync("health").subarray(0, 15))],
    ["no time", { "connect-timeout-ms": "1e3" }, ""],
  ])("is its caller's fault: %s", async (_, headers, body) => {
    const response = await fetch(`${gateway.url}/${Health.typeName}/Check`, {
      method: "POST",
      headers: { "content-type": "application/proto", ...headers },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid_argument" });
  });

  it("over gRPC-Web too, and in an encoding that there is not", async () => {
    const statusOf = async (headers: Record<string, string>, message: Uint8Array) => {
      const response = await fetch(`${gateway.url}/${Health.typeName}/Check`, {
        method: "POST",
        headers: { "content-type": "application/grpc-web", ...headers },
        body: envelope(0, message),
      });
      const [, status] = /grpc-status: (\d+)/.exec(await response.text()) ?? [];
      return [status, response.headers.get("grpc-accept-encoding")];
    };
    expect(await statusOf({}, Uint8Array.of(0x07))).toEqual(["3", "gzip,identity"]);
    expect(await statusOf({ "grpc-encoding": "br" }, new Uint8Array())).toEqual(["12", "gzip,identity"]);
  });
});

describe.each([
  ["v1", ServerReflection],
  ["v1alpha", ServerReflectionAlpha],
])("reflection %s", (_, version) => {
  type Question = Parameters<typeof ask>[0][number];
  async function ask(questions: { case: string; value: unknown }[]) {
    const client = createClient(version as typeof ServerReflection, createGrpcTransport({ baseUrl: gateway.url }));
    const requests = (async function* () {
      yield* questions.map((messageRequest) => ({ messageRequest: messageRequest as never }));
    })();
    const answers: { case: string | undefined; value?: unknown }[] = [];
    for await (const { messageResponse } of client.serverReflectionInfo(requests)) {
      answers.push(messageResponse);
    }
    return answers;
  }

  /** What the last of some questions is answered with. */
  async function last<T>(...questions: Question[]): Promise<T> {
    return (await ask(questions)).at(-1)?.value as T;
  }

  async function filesOf(question: Question): Promise<string[]> {
    const { fileDescriptorProto } = await last<{ fileDescriptorProto: Uint8Array[] }>(question);
    return fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
  }

  it("lists the services", async () => {
    const { service } = await last<{ service: { name: string }[] }>({ case: "listServices", value: "" });
    expect(service.map(({ name }) => name)).toEqual([
      SERVICE,
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
  });

  it.each<[string, Question, string]>([
    [
      "a service",
      { case: "fileContainingSymbol", value: SERVICE },
      "rollcall/v1/app_instance_user_endpoint_service.proto",
    ],
    [
      "a method",
      { case: "fileContainingSymbol", value: `${SERVICE}.ListAppInstanceUserEndpoints` },
      "rollcall/v1/app_instance_user_endpoint_service.proto",
    ],
    [
      "an error's detail",
      { case: "fileContainingSymbol", value: "google.rpc.ErrorInfo" },
      "google/rpc/error_details.proto",
    ],
    ["a file's name", { case: "fileByFilename", value: "google/api/http.proto" }, "google/api/http.proto"],
    [
      "an extension",
      {
        case: "fileContainingExtension",
        value: { containingType: "google.protobuf.FieldOptions", extensionNumber: 1159 },
      },
      "buf/validate/validate.proto",
    ],
  ])("answers %s with its file", async (_, question, file) => {
    expect((await filesOf(question))[0]).toBe(file);
  });

  it("sends a file with all that it imports, and on one stream no file twice", async () => {
    const files = await filesOf({ case: "fileContainingSymbol", value: SERVICE });
    expect(files).toContain("google/api/http.proto");
    expect(files).toContain("google/protobuf/descriptor.proto");
    expect(new Set(files).size).toBe(files.length);
    const again = await last<{ fileDescriptorProto: unknown[] }>(
      { case: "fileContainingSymbol", value: SERVICE },
      { case: "fileByFilename", value: "google/api/http.proto" },
    );
    expect(again.fileDescriptorProto).toHaveLength(1);
  });

  it("tells the numbers of extensions", async () => {
    const question = { case: "allExtensionNumbersOfType", value: "google.protobuf.MethodOptions" };
    expect((await last<{ extensionNumber: number[] }>(question)).extensionNumber).toContain(72295728);
  });

  it.each<Question>([
    { case: "fileContainingSymbol", value: "no.such.Thing" },
    { case: "fileByFilename", value: "no.proto" },
    { case: "fileContainingExtension", value: { containingType: "no.Thing", extensionNumber: 1 } },
    { case: "allExtensionNumbersOfType", value: "no.Thing" },
  ])("does not find what there is not: $case", async (question) => {
    expect(await ask([question])).toMatchObject([{ case: "errorResponse", value: { errorCode: 5 } }]);
  });
});
