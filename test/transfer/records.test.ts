import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "../../src/transfer/import/lines.ts";
import { objectsOf } from "../../src/transfer/import/objects.ts";
import { RECORD_MAX_CHARACTERS, type SourceRecord } from "../../src/transfer/import/source-record.ts";

type Reader = (chunks: AsyncIterable<string>) => AsyncIterable<SourceRecord>;

/** What a reader makes of a text that comes in chunks of a length. */
async function recordsIn(read: Reader, text: string, chunkLength = 7): Promise<SourceRecord[]> {
  const chunks = async function* () {
    for (let at = 0; at < text.length; at += chunkLength) {
      yield text.slice(at, at + chunkLength);
    }
  };
  const records: SourceRecord[] = [];
  for await (const record of read(chunks())) {
    records.push(record);
  }
  return records;
}

const endpoint = fc.record({
  EndpointArn: fc.string(),
  Attributes: fc.dictionary(fc.string(), fc.string({ unit: "binary" })),
});

describe("lines", () => {
  it("are those with something in them, by their numbers", async () => {
    expect(await recordsIn(linesOf, '{"a":1}\n\n  \r\n{"b":2}\r\nc')).toEqual([
      { line: 1, text: '{"a":1}' },
      { line: 4, text: '{"b":2}\r' },
      { line: 5, text: "c" },
    ]);
  });

  it("are the same, however they come", async () => {
    const texts = fc.array(fc.string({ minLength: 1 }).map((text) => `x${text.replaceAll("\n", "")}`));
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 50 }), async (lines, chunkLength) => {
        const records = await recordsIn(linesOf, lines.join("\n"), chunkLength);
        expect(records).toEqual(lines.map((text, index) => ({ line: index + 1, text })));
      }),
    );
  });

  it("that are longer than any endpoint have no text, and are the only ones that are lost", async () => {
    const text = `a\n${"b".repeat(RECORD_MAX_CHARACTERS + 1)}\nc`;
    expect(await recordsIn(linesOf, text, 65_536)).toEqual([
      { line: 1, text: "a" },
      { line: 2, text: undefined },
      { line: 3, text: "c" },
    ]);
  });
});

describe("endpoints in documents", () => {
  it.each<[string, (endpoints: readonly unknown[]) => string]>([
    ["a page, as it is printed", (endpoints) => JSON.stringify({ Endpoints: endpoints, NextToken: "n" }, null, 4)],
    ["a page with its token first", (endpoints) => JSON.stringify({ NextToken: "{[", Endpoints: endpoints })],
    [
      "pages, one after another",
      (endpoints) => endpoints.map((one) => JSON.stringify({ Endpoints: [one] })).join("\n"),
    ],
    ["a list", (endpoints) => JSON.stringify(endpoints)],
    ["lines", (endpoints) => endpoints.map((one) => JSON.stringify(one)).join("\n")],
  ])("are found in %s, however it comes", async (_, print) => {
    await fc.assert(
      fc.asyncProperty(fc.array(endpoint), fc.integer({ min: 1, max: 50 }), async (endpoints, chunkLength) => {
        const records = await recordsIn(objectsOf, print(endpoints), chunkLength);
        expect(records.map(({ text }) => JSON.parse(text ?? ""))).toEqual(JSON.parse(JSON.stringify(endpoints)));
      }),
    );
  });

  it("have the number of the line on which they begin", async () => {
    const text = JSON.stringify({ Endpoints: [{ a: "\n" }, { b: {} }] }, null, 2);
    expect((await recordsIn(objectsOf, text)).map(({ line }) => line)).toEqual([3, 6]);
  });

  it("that are broken off or too long are told as such, and end it", async () => {
    expect(await recordsIn(objectsOf, '{"Endpoints": [{"a": 1},\n{"b": "')).toEqual([
      { line: 1, text: '{"a": 1}' },
      { line: 2, text: "" },
    ]);
    const endless = `[{"a": "${"b".repeat(2 * RECORD_MAX_CHARACTERS)}"}, {"c": 1}]`;
    expect(await recordsIn(objectsOf, endless, 65_536)).toEqual([{ line: 1, text: undefined }]);
  });
});
