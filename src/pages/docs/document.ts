/** The OpenAPI description as this page reads it: what src/openapi writes, and no more of OpenAPI than that. */
import { OPERATIONS, type Operation } from "../../worker/transport/operations.ts";

export interface Document {
  readonly info: { readonly summary: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly examples: Readonly<Record<string, Refusal>>;
  };
}

export interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Response {
  readonly description: string;
  readonly content?: Content;
}

interface Content {
  readonly "application/json": {
    readonly schema: Schema;
    readonly example?: unknown;
    readonly examples?: Readonly<Record<string, unknown>>;
  };
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Refusal {
  readonly value: { readonly Message: string };
  readonly "x-amzn-errortype": string;
}

/** An operation, with all that the description says of it. */
export interface Entry {
  readonly operation: Operation;
  readonly verb: string;
  readonly path: string;
  readonly described: Described;
}

/** A refusal as a reader meets it. */
export interface Reason {
  readonly reason: string;
  readonly status: string;
  readonly exception: string;
  readonly message: string;
}

/** In the order of the proto, which is that of an endpoint's life. */
export function entriesOf({ paths }: Document): readonly Entry[] {
  const all = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, described]) => ({ verb: verb.toUpperCase(), path, described })),
  );
  return OPERATIONS.flatMap((operation) =>
    all.filter(({ described }) => described.operationId === operation.name).map((found) => ({ operation, ...found })),
  );
}

/** What every operation refuses, and by the name of each what it does besides. */
export function reasonsOf(document: Document): {
  readonly every: readonly Reason[];
  readonly only: ReadonlyMap<string, readonly Reason[]>;
} {
  const all = new Map(entriesOf(document).map((entry) => [entry.operation.name, refusals(document, entry.described)]));
  const isEverys = ({ reason }: Reason) => [...all.values()].every((told) => told.some((one) => one.reason === reason));
  return {
    every: [...all.values()][0]?.filter(isEverys) ?? [],
    only: new Map(Array.from(all, ([name, told]) => [name, told.filter((reason) => !isEverys(reason))])),
  };
}

function refusals({ components }: Document, { responses }: Described): readonly Reason[] {
  return Object.entries(responses).flatMap(([status, { content }]) =>
    Object.keys(content?.["application/json"].examples ?? {}).map((reason) => {
      const { value, "x-amzn-errortype": exception } = components.examples[reason] as Refusal;
      return { reason, status, exception, message: value.Message };
    }),
  );
}

/** What a reference stands for, with what is said beside it. */
export function resolved({ components }: Document, { $ref, ...beside }: Schema): Schema {
  const name = $ref?.split("/").at(-1) ?? "";
  return { ...components.schemas[name], ...beside };
}

/** A request as the description's examples have it: all members by the names of REST. */
export function exampleOf({ parameters = [], requestBody }: Described): Record<string, unknown> {
  const inPath = parameters.filter(({ example }) => example !== undefined);
  return {
    ...Object.fromEntries(inPath.map(({ name, example }) => [name, example])),
    ...(requestBody?.content["application/json"].example as object),
  };
}
