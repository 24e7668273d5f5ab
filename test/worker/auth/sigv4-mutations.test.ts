/** Whatever single byte of a signed request is changed: it is refused, or the byte is one that no signature covers. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { authenticate } from "../../../src/worker/auth/authenticate.ts";
import { CAPTURES, PRESIGNED, type RawRequest, signedAt, signers, toReceived } from "../../support/signed-requests.ts";

const MUTATIONS = 10_000;
const REQUESTS = [...CAPTURES, ...PRESIGNED];

/** Where a byte stands: a header's name or value by the header's name in lower case. */
type Place = "method" | "path" | "query" | "body" | `name of ${string}` | `value of ${string}`;

interface Piece {
  readonly place: Place;
  readonly text: string;
  readonly replacedBy: (text: string) => RawRequest;
}

function piecesOf(request: RawRequest): Piece[] {
  const { method, target, headers, body } = request;
  const [path = "", query = ""] = target.split("?");
  const withHeader = (index: number, header: [string, string]) => ({
    ...request,
    headers: headers.toSpliced(index, 1, header),
  });
  const ofHeaders = headers.flatMap(([name, value], index): Piece[] => [
    {
      place: `name of ${name.toLowerCase()}`,
      text: name,
      replacedBy: (text) => withHeader(index, [text, value]),
    },
    {
      place: `value of ${name.toLowerCase()}`,
      text: value,
      replacedBy: (text) => withHeader(index, [name, text]),
    },
  ]);
  const pieces: Piece[] = [
    { place: "method", text: method, replacedBy: (text) => ({ ...request, method: text }) },
    { place: "path", text: path, replacedBy: (text) => ({ ...request, target: target.replace(path, () => text) }) },
    { place: "query", text: query, replacedBy: (text) => ({ ...request, target: `${path}?${text}` }) },
    ...ofHeaders,
    { place: "body", text: body, replacedBy: (text) => ({ ...request, body: text }) },
  ];
  return pieces.filter(({ text }) => text !== "");
}

function isSigned(request: RawRequest, header: string): boolean {
  const text = request.target + request.headers.map(([, value]) => value).join();
  const [, names = ""] = /SignedHeaders=([^,&]+)/.exec(text) ?? [];
  return decodeURIComponent(names).split(";").includes(header);
}

/** Why a changed byte may leave a request valid; undefined where nothing excuses it. */
function excuse(request: RawRequest, { place, text }: Piece, mutated: string): string | undefined {
  const header = / of (.*)/.exec(place)?.[1] ?? "";
  if (header !== "" && header !== "authorization" && !isSigned(request, header)) {
    return "in a header that the client did not sign";
  }
  if (place.startsWith("name of") && mutated.toLowerCase() === text.toLowerCase()) {
    return "in the name of a header, only its case";
  }
  if (place === "method" && mutated.toUpperCase() === text) {
    return "in the method, only its case: making a Request writes it in upper case";
  }
  if (place === "name of content-length" || place === "name of host") {
    return `in ${place}: the runtime knows the same from the request itself`;
  }
  if (place === "path" && mutated.replace("\\", "/") === text) {
    return "in the path, a backslash for a slash: in a URL of HTTP they are the same, for routes too";
  }
  if (place === "query" && decodeURIComponent(mutated) === decodeURIComponent(text)) {
    return "in a percent-escape of the query, only its case: the same character";
  }
  return undefined;
}

const mutation = fc.record({
  request: fc.constantFrom(...REQUESTS),
  at: fc.nat(),
  // Of others the runtime warns at length.
  byte: fc.integer({ min: 0, max: 127 }),
});

it(`${MUTATIONS} single-byte mutations are refused, but for bytes that nobody signed`, {
  timeout: 120_000,
}, async () => {
  const table = new Map<string, { tried: number; undeliverable: number; refused: number; accepted: number }>();
  const excuses = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(mutation, async ({ request, at, byte }) => {
      const positions = piecesOf(request).flatMap((piece) => Array.from(piece.text, (_, index) => ({ piece, index })));
      const { piece, index } = positions[at % positions.length] as (typeof positions)[number];
      const mutated = piece.text.slice(0, index) + String.fromCharCode(byte) + piece.text.slice(index + 1);
      fc.pre(mutated !== piece.text);

      const row = table.get(piece.place) ?? { tried: 0, undeliverable: 0, refused: 0, accepted: 0 };
      table.set(piece.place, row);
      row.tried++;
      const changed = piece.replacedBy(mutated);
      let delivered: ReturnType<typeof toReceived>;
      try {
        delivered = toReceived(changed);
      } catch {
        row.undeliverable++;
        return;
      }
      const { kind } = await authenticate(delivered, signers(request), signedAt(request));
      if (kind !== "caller") {
        row.refused++;
        return;
      }
      row.accepted++;
      const why = excuse(request, piece, mutated);
      expect(why, `${piece.place}: ${JSON.stringify(piece.text)} became ${JSON.stringify(mutated)}`).toBeDefined();
      excuses.set(`${why} (${piece.place})`, (excuses.get(`${why} (${piece.place})`) ?? 0) + 1);
    }),
    { numRuns: MUTATIONS },
  );
  const rows = [...table].sort().map(([place, row]) => `| ${[place, ...Object.values(row)].join(" | ")} |`);
  const accepted = [...excuses].sort().map(([why, times]) => `${times} ${why}`);
  console.log(
    ["| byte in | tried | undeliverable | refused | accepted |", ...rows, "accepted:", ...accepted].join("\n"),
  );
});
