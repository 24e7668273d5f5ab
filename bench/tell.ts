/** Progress: on a terminal in one line, elsewhere a line each. */
export function tell(progress: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r${progress}\x1b[K` : `${progress}\n`);
}
