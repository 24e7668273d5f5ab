import { RECORD_MAX_CHARACTERS, type SourceRecord } from "./source-record.ts";

/**
 * The endpoints of JSON documents of any length, one after another, however they are broken into lines: objects in a list that
 * is itself the document, or in an object that is; and objects that are documents themselves and have no list.
 */
export async function* objectsOf(chunks: AsyncIterable<string>): AsyncGenerator<SourceRecord, void, undefined> {
  const scanner = new Scanner();
  for await (const chunk of chunks) {
    yield* scanner.take(chunk);
    if (scanner.isTooLong) {
      break;
    }
  }
  yield* scanner.end();
}

/** What may be an endpoint, as far as it is read. */
interface Candidate {
  readonly line: number;
  /** How many brackets are open around it. */
  readonly depth: number;
  text: string;
}

class Scanner {
  #line = 1;
  #open: string[] = [];
  #inString = false;
  #isEscaped = false;
  #candidate: Candidate | undefined;

  get isTooLong(): boolean {
    return (this.#candidate?.text.length ?? 0) > RECORD_MAX_CHARACTERS;
  }

  *take(chunk: string): Generator<SourceRecord, void, undefined> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const effect = this.#see(chunk.charAt(at));
      if (effect === "begins") {
        this.#candidate = { line: this.#line, depth: this.#open.length - 1, text: "" };
        from = at;
      } else if (effect === "ends" && this.#candidate !== undefined) {
        yield { line: this.#candidate.line, text: this.#candidate.text + chunk.slice(from, at + 1) };
        this.#candidate = undefined;
      } else if (effect === "is none") {
        this.#candidate = undefined;
      }
    }
    if (this.#candidate !== undefined) {
      this.#candidate.text += chunk.slice(from);
    }
  }

  /** What is left is broken off. */
  *end(): Generator<SourceRecord, void, undefined> {
    if (this.#open.length > 0 || this.#inString) {
      yield { line: this.#candidate?.line ?? this.#line, text: this.isTooLong ? undefined : "" };
    }
  }

  /** What a character says of an endpoint: that it begins or ends there, or that what is read is none, having a list in it. */
  #see(character: string): "begins" | "ends" | "is none" | undefined {
    if (character === "\n") {
      this.#line++;
    }
    if (this.#inString) {
      this.#inString = this.#isEscaped || character !== '"';
      this.#isEscaped = !this.#isEscaped && character === "\\";
      return undefined;
    }
    switch (character) {
      case '"':
        this.#inString = true;
        return undefined;
      case "{":
        return this.#open.push(character) === 1 || this.#open.at(-2) === "[" ? "begins" : undefined;
      case "[":
        this.#open.push(character);
        return "is none";
      case "}":
      case "]":
        this.#open.pop();
        return this.#candidate?.depth === this.#open.length ? "ends" : undefined;
      default:
        return undefined;
    }
  }
}
