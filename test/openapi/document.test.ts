import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { pascalCase } from "../../src/worker/transport/messages/dialect.ts";
import { OPERATIONS, type Operation } from "../../src/worker/transport/operations.ts";
import type { Refusal } from "../../src/worker/transport/refusals/refusal.ts";
import { REFUSALS } from "../../src/worker/transport/refusals/table.ts";

const root = join(import.meta.dirname, "../..");
const source = readFileSync(join(root, "dist/assets/openapi.json"), "utf8");
const document = JSON.parse(source);

const BESIDE_THE_PROTO = ["GetCredentials", "GetDirectory", "Health"];

interface Described {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string; required: boolean }[];
  readonly requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  readonly responses: Record<string, { content?: Record<string, { schema: { $ref: string } }>; description: string }>;
}

/** What the document says at the method and path of an operation. */
function described({ route }: Operation): Described {
  const path = route.path.replace(/\w+(?=\})/g, pascalCase);
  return document.paths[path][route.verb.toLowerCase()];
}

function schemaOf(message: { content?: Described["responses"][string]["content"] } | undefined) {
  const name = message?.content?.["application/json"]?.schema.$ref.split("/").at(-1) ?? "";
  return document.components.schemas[name];
}

function membersOf(message: Parameters<typeof schemaOf>[0]): string[] {
  return Object.keys(schemaOf(message)?.properties ?? {});
}

describe("the OpenAPI document", () => {
  it("is valid, and so is every example in it", async () => {
    const config = await createConfig({
      extends: ["recommended-strict"],
      // Nothing refuses a question after the server's health.
      rules: { "operation-4xx-response": "off" },
    });
    const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  it("has no two members of a schema that differ by case alone, for generators can't name them both", () => {
    const schemas = Object.values<{ properties?: Record<string, unknown> }>(document.components.schemas);
    const spelled = schemas.map(({ properties = {} }) => Object.keys(properties).map((name) => name.toLowerCase()));
    expect(spelled.flat().length).toBeGreaterThan(0);
    expect(spelled.filter((names) => new Set(names).size < names.length)).toEqual([]);
    expect(Object.keys(document.components.schemas.Error.properties)).toEqual(["Code", "Message"]);
    const examples = Object.values<{ value: object }>(document.components.examples);
    expect(examples.filter(({ value }) => Object.keys(value).join() !== "Code,Message")).toEqual([]);
  });

  it("describes each operation of the proto, and no other, with its status of success", () => {
    const paths = Object.values<Record<string, Described>>(document.paths).flatMap((path) => Object.values(path));
    const names = paths.map(({ operationId }) => operationId).filter((name) => !BESIDE_THE_PROTO.includes(name));
    expect(names.toSorted()).toEqual(OPERATIONS.map(({ name }) => name).toSorted());
    for (const operation of OPERATIONS) {
      expect(described(operation).operationId).toBe(operation.name);
      expect(described(operation).responses).toHaveProperty(String(operation.successStatus));
    }
  });

  it.each(OPERATIONS)("describes each member that $name takes and answers", (operation) => {
    const { parameters, requestBody, responses } = described(operation);
    const taken = [...parameters.map(({ name }) => pascalCase(name.replaceAll("-", "_"))), ...membersOf(requestBody)];
    const { input, output } = operation.method;
    expect(taken.toSorted()).toEqual(input.fields.map(({ name }) => pascalCase(name)).toSorted());
    expect(membersOf(responses[operation.successStatus])).toEqual(output.fields.map(({ name }) => pascalCase(name)));
  });

  it("bounds each list of a request and what is in it, and says that it is required", () => {
    const { ResolveAppInstanceUserEndpointsRequest: resolve, ReportAppInstanceUserEndpointFailuresRequest: report } =
      document.components.schemas;
    const bounds = { type: "array", minItems: 1, maxItems: 100 };
    const arn = { type: "string", minLength: 5, maxLength: 1_600, pattern: expect.stringMatching(/^\^arn:/) };
    expect(resolve.properties.AppInstanceUserArns).toMatchObject({ ...bounds, items: arn });
    expect(report.properties.Failures).toMatchObject({
      ...bounds,
      items: { $ref: "#/components/schemas/DeliveryFailure" },
    });
    expect([resolve.required, report.required]).toEqual([["AppInstanceUserArns"], ["Failures"]]);
  });

  it("has times as numbers, and lists that are always there in answers", () => {
    const { DeliveryFailure, ResolvedUser, FailureResult } = document.components.schemas;
    expect(DeliveryFailure.properties.Timestamp).toMatchObject({ type: "number" });
    expect(DeliveryFailure.required).toContain("Timestamp");
    expect(ResolvedUser.required).toContain("Endpoints");
    expect(FailureResult.required).not.toContain("EndpointState");
    expect(document.components.schemas.Timestamp).toBeUndefined();
  });

  it("describes each member of the messages within those", () => {
    const messages = OPERATIONS.flatMap(({ method }) => [
      ...method.input.file.messages,
      ...method.input.file.dependencies.flatMap(({ messages }) => messages),
    ]);
    const within = messages.filter(
      ({ name, typeName }) => typeName.startsWith("rollcall.") && !/(Request|Response)$/.test(name),
    );
    expect(within.length).toBeGreaterThan(0);
    for (const { name, fields } of within) {
      expect(Object.keys(document.components.schemas[name].properties)).toEqual(
        fields.map((field) => pascalCase(field.name)),
      );
    }
  });

  it("tells each reason that REST refuses for, with an operation or else of none", () => {
    const refusals: [string, Refusal][] = Object.entries(REFUSALS);
    const overRest = refusals.filter(([, { isRpcOnly }]) => !isRpcOnly).map(([reason]) => reason);
    const told = [...Object.keys(document.components.examples), "UNKNOWN_OPERATION", "METHOD_NOT_ALLOWED"];
    expect(told.toSorted()).toEqual(overRest.toSorted());
    expect(document.info.description).toContain("- 404 `UnknownOperationException`");
    expect(document.info.description).toContain("- 405 `MethodNotAllowedException`");
  });

  it.each(OPERATIONS)("tells with $name what its rules refuse", (operation) => {
    const verb = /^[A-Z][a-z]+/.exec(operation.name)?.[0].toLowerCase();
    const rules = globSync("src/worker/{core,directory}/*.ts", { cwd: root }).filter(
      (file) => basename(file, ".ts") === verb,
    );
    const code = rules.map((file) => readFileSync(join(root, file), "utf8")).join();
    const reasons = Array.from(code.matchAll(/reason: "([A-Z_]+)"/g), ([, reason]) => reason);
    const told = Object.values(described(operation).responses)
      .map(({ description }) => description)
      .join();
    expect(rules.length).toBeGreaterThan(0);
    expect(reasons.filter((reason) => !told.includes(`\`${reason}\``))).toEqual([]);
  });

  it("spells members as REST does, wherever the proto names them", () => {
    const texts = Array.from(
      source.matchAll(/"(?:description|summary)": "((?:[^"\\]|\\.)*)"/g),
      ([, text = ""]) => text,
    );
    const members = OPERATIONS.flatMap(({ method }) => method.input.fields.map(({ name }) => name)).filter((name) =>
      name.includes("_"),
    );
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((text) => members.some((member) => text.includes(member)))).toEqual([]);
  });
});
