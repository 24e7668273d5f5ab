/** Reads what principals are configured with, strictly. Errors say where and what is expected, and never what is there. */
import { ConfigError } from "../model/config-error.ts";

/** JSON.parse's own message repeats what it could not parse, so it is dropped. */
export function parseJson(text: unknown, at: string): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw new ConfigError(`${at} must be JSON`);
  }
}

/** Members of a JSON object, none of which may be other than `known`. `at` is where it stands, for the error. */
export function membersOf<Known extends string>(
  value: unknown,
  at: string,
  known: readonly Known[],
): Partial<Record<Known, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(`${at} must be a JSON object`);
  }
  if (Object.keys(value).some((name) => !(known as readonly string[]).includes(name))) {
    throw new ConfigError(`${at} has a member that is not known: it takes ${known.join(", ")}`);
  }
  return value;
}

/** A text of at least `minLength` characters. */
export function textOf(value: unknown, at: string, minLength = 1): string {
  if (typeof value !== "string" || value.length < minLength) {
    throw new ConfigError(`${at} must be a text${minLength > 1 ? ` of ${minLength} characters or more` : ""}`);
  }
  return value;
}

/** A list of up to `max` of what `read` takes, and of at least one. */
export function listOf<Item>(
  value: unknown,
  at: string,
  max: number,
  read: (item: unknown, at: string) => Item,
): readonly Item[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > max) {
    throw new ConfigError(`${at} must be a list of 1 to ${max}`);
  }
  return value.map((item, index) => read(item, `${at}[${index}]`));
}
