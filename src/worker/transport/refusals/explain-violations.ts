import type { ConstraintsViolated, Violation } from "../../model/failure.ts";
import type { Dialect } from "../messages/dialect.ts";
import { exampleIn } from "../messages/example.ts";

export function explainViolations(violations: ConstraintsViolated["violations"], dialect: Dialect): string {
  const texts = violations.map(
    (violation) =>
      `Value at '${memberPath(violation, dialect)}' failed to satisfy constraint: ${words(violation, dialect)}`,
  );
  return `${violations.length} validation error${violations.length === 1 ? "" : "s"} detected: ${texts.join("; ")}`;
}

function memberPath({ members }: Violation, dialect: Dialect): string {
  return members.map((member) => dialect.names(member)[0]).join(".");
}

/** The words of the rule, and what else the caller needs: the values of an enum, or an example. */
function words({ members, ruleId, message }: Violation, dialect: Dialect): string {
  const member = members.at(-1);
  if (ruleId === "enum.defined_only" && member?.fieldKind === "enum") {
    const names = member.enum.values.filter(({ number }) => number !== 0).map(dialect.enumName);
    return `must be one of ${names.join(", ")}`;
  }
  const example = member && exampleIn(member);
  return example === undefined ? message : `${message} (valid is, for example, ${example})`;
}
