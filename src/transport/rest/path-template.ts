/**
 * The path of a google.api.http rule, such as "/app-instance-users/{app_instance_user_arn}/endpoints": literal
 * segments, and variables of one segment each, which is all that our rules use.
 */
export interface PathTemplate {
  /** The patterns that a Hono router matches raw paths with, strict before lenient. */
  readonly routes: readonly string[];
  /** The variables of a raw path that one of the routes matched, by the names of the rule, not yet decoded. */
  readonly variables: (rawPath: string) => ReadonlyMap<string, string>;
}

/**
 * An ARN as curl users type it, its colons and slashes not escaped. No user id holds a slash, so the ARN ends with
 * the segment after "user".
 */
const RAW_USER_ARN = "arn:.+/user/[^/]+";

export function pathTemplate(path: string): PathTemplate {
  const names = Array.from(path.matchAll(VARIABLE), (match) => match[1] as string);
  const strict = path.replace(VARIABLE, ":$1{[^/]+}");
  const lenient = strict.replace("{[^/]+}", `{${RAW_USER_ARN}}`);
  const expressions = [strict, lenient].map(
    (route) => new RegExp(`^${route.replace(/:\w+\{(.+?)\}(?=\/|$)/g, "($1)")}$`),
  );
  return {
    routes: [strict, lenient],
    variables: (rawPath) => {
      const match = expressions.map((expression) => expression.exec(rawPath)).find((found) => found !== null);
      return new Map(names.map((name, index) => [name, match?.[index + 1] ?? ""]));
    },
  };
}

const VARIABLE = /\{(\w+)\}/g;
