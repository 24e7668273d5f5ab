import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program in another language, which answers each line that it is given with one of its own. */
export interface Program {
  /** One line at a time. */
  ask(line: string): Promise<string>;
  /** What it tells besides, by lines that begin with a star. */
  readonly news: readonly string[];
  stop(): Promise<void>;
}

export function startProgram([program = "", ...args]: readonly string[], env = process.env): Program {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  const kill = () => void child.kill();
  process.on("exit", kill);
  const ended = once(child, "exit").then(([code]) => {
    process.off("exit", kill);
    return code;
  });
  const early = ended.then((code) => {
    throw new Error(`${program} ended with exit code ${code} before it answered`);
  });
  // It matters to whoever waits for an answer only.
  early.catch(() => {});
  const news: string[] = [];
  let answered = (_line: string) => {};
  createInterface(child.stdout).on("line", (line) => {
    if (line.startsWith("* ")) {
      news.push(line.slice(2));
    } else {
      answered(line);
    }
  });
  return {
    news,
    ask(line) {
      const answer = new Promise<string>((resolve) => {
        answered = resolve;
      });
      child.stdin.write(`${line}\n`);
      return Promise.race([answer, early]);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
