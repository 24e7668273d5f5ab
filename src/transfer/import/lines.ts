import { RECORD_MAX_CHARACTERS, type SourceRecord } from "./source-record.ts";

/** The lines of a text that comes in chunks, without those that are empty. `node:readline` would keep a line of any length in memory. */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<SourceRecord, void, undefined> {
  let line = 1;
  let text: string | undefined = "";
  const add = (part: string) => {
    text = text === undefined || text.length + part.length > RECORD_MAX_CHARACTERS ? undefined : text + part;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", from)) {
      add(chunk.slice(from, end));
      if (text?.trim() !== "") {
        yield { line, text };
      }
      text = "";
      line++;
      from = end + 1;
    }
    add(chunk.slice(from));
  }
  if (text?.trim() !== "") {
    yield { line, text };
  }
}
