/**
 * The path of a google.api.http rule, such as "/app-instance-users/{app_instance_user_arn}/endpoints": literal
 * segments, and variables of one segment each, which is all that our rules use.
 */
export interface PathTemplate {
  /** The variables of a raw path by the names of the rule, not yet decoded; undefined where the path is another. */
  readonly match: (rawPath: string) => ReadonlyMap<string, string> | undefined;
}

const SEGMENT = "[^/]+";

/** No ARN, and what a path ends in that was to go on, and lost its ARN by "/..". */
const NO_LAST_WORD = "(?!endpoints$)[^/]+";

/**
 * An ARN as curl users type it, its colons and slashes not escaped. No user id holds a slash, so the ARN ends with
 * the segment after "user".
 */
const RAW_USER_ARN = "arn:.+/user/[^/]+";

export function pathTemplate(path: string): PathTemplate {
  const names = Array.from(path.matchAll(VARIABLES), ([, name = ""]) => name);
  const arns = [path.endsWith(`{${names[0]}}`) ? NO_LAST_WORD : SEGMENT, RAW_USER_ARN];
  const expressions = arns.map((arn) => {
    const pattern = path.replace(VARIABLE, `(${arn})`).replaceAll(VARIABLES, `(${SEGMENT})`);
    return new RegExp(`^${pattern}$`);
  });
  return {
    match: (rawPath) => {
      for (const expression of expressions) {
        const found = expression.exec(rawPath);
        if (found !== null) {
          return new Map(names.map((name, index) => [name, found[index + 1] ?? ""]));
        }
      }
      return undefined;
    },
  };
}

const VARIABLE = /\{(\w+)\}/;
const VARIABLES = new RegExp(VARIABLE, "g");
