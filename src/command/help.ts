/** Prints how a command is used, and ends it, if that is what it is asked for. */
export function answerHelp(args: readonly string[], usage: string): void {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(usage);
    process.exit();
  }
}
