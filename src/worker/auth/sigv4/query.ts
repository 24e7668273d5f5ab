/** A name and a value, decoded. */
export type Parameter = readonly [name: string, value: string];

/**
 * The parameters of a URL's query, in their order, each decoded once; undefined if one can't be. AWS takes `+` for
 * itself, where forms take it for a space.
 */
export function parseQuery({ search }: URL): readonly Parameter[] | undefined {
  if (search === "") {
    return [];
  }
  const pairs = search.slice(1).split("&").filter(Boolean);
  try {
    return pairs.map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [decodeURIComponent(name), decodeURIComponent(value.join("="))];
    });
  } catch {
    return undefined;
  }
}

export function has(parameters: readonly Parameter[], name: string): boolean {
  return parameters.some(([candidate]) => candidate === name);
}

/** The value of a parameter that stands in the query once. */
export function onlyValue(parameters: readonly Parameter[], name: string): string | undefined {
  const [first, ...more] = parameters.filter(([candidate]) => candidate === name);
  return more.length === 0 ? first?.[1] : undefined;
}
