/** A text as one word of a POSIX shell, whatever is in it. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command over several lines. */
export function command(...parts: readonly string[]): string {
  return parts.join(" \\\n  ");
}
