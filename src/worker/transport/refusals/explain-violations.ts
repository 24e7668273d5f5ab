import type { ConstraintsViolated, Step, Violation } from "../../model/failure.ts";
import type { Dialect } from "../messages/dialect.ts";
import { exampleIn } from "../messages/example.ts";

export function explainViolations({ violations, count }: ConstraintsViolated, dialect: Dialect): string {
  const texts = violations.map(
    (violation) =>
      `Value at '${pathText(violation.path, dialect)}' failed to satisfy constraint: ${words(violation, dialect)}`,
  );
  const untold = count - violations.length;
  const all = untold === 0 ? texts : [...texts, `and ${untold} more`];
  return `${count} validation error${count === 1 ? "" : "s"} detected: ${all.join("; ")}`;
}

/** "Failures[3].Reason" */
function pathText(path: readonly Step[], dialect: Dialect): string {
  return path
    .map(({ member, index }) => dialect.names(member)[0] + (index === undefined ? "" : `[${index}]`))
    .join(".");
}

/** The words of the rule, and what else the caller needs: the values of an enum, or an example. */
function words({ path, ruleId, message }: Violation, dialect: Dialect): string {
  const { member, index } = path.at(-1) ?? {};
  if (ruleId === "enum.defined_only" && member?.enum !== undefined) {
    const names = member.enum.values.filter(({ number }) => number !== 0).map(dialect.enumName);
    return `must be one of ${names.join(", ")}`;
  }
  // What a list as a whole lacks, an example of an item does not show.
  const isList = member?.fieldKind === "list" && index === undefined;
  const example = member && !isList && exampleIn(member);
  return example ? `${message} (valid is, for example, ${example})` : message;
}
