/** A part of the document. What holds for it as a whole, OpenAPI's own schema, a linter checks. */
export type JsonObject = { readonly [name: string]: unknown };

export function ref(kind: "schemas" | "headers" | "examples", name: string): JsonObject {
  return { $ref: `#/components/${kind}/${name}` };
}
