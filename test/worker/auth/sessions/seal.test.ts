import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { open, seal } from "../../../../src/worker/auth/sessions/seal.ts";
import { SESSION_TOKEN_MAX_LENGTH, type Session } from "../../../../src/worker/auth/sessions/session.ts";

const SECRET = "a secret of thirty-two characters or more";
const NEXT = "another secret of thirty-two characters or more";
const { SEED } = env as unknown as { SEED?: string };

const SESSION: Session = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  principal: "APP",
  issuer: "https://issuer.example.com",
  audience: "rollcall",
  audienceClaim: "aud",
  claims: [
    ["sub", "alice"],
    ["tenant", null],
  ],
  expiresAt: 1_795_462_670_000,
};

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

describe("a sealed session", () => {
  it("is opened by the secret that sealed it, the first of two or the second", async () => {
    const { sessionToken, secretAccessKey } = await seal(SESSION, SECRET);
    for (const secrets of [[SECRET], [SECRET, NEXT], [NEXT, SECRET]]) {
      expect(await open(sessionToken, secrets)).toEqual({ session: SESSION, secretAccessKey });
    }
  });

  it("is opened by no other, and by none where there are none", async () => {
    const { sessionToken } = await seal(SESSION, SECRET);
    expect(await open(sessionToken, [NEXT])).toBeUndefined();
    expect(await open(sessionToken, [])).toBeUndefined();
  });

  it("shows nothing of what is in it, and is another one each time, with another secret access key", async () => {
    const sealed = await Promise.all(Array.from({ length: 100 }, () => seal(SESSION, SECRET)));
    expect(new Set(sealed.map(({ sessionToken }) => sessionToken.slice(0, 22))).size).toBe(100);
    expect(new Set(sealed.map(({ secretAccessKey }) => secretAccessKey)).size).toBe(100);
    const bytes = sealed.map(({ sessionToken }) => atob(sessionToken.slice(2).replace(/-/g, "+").replace(/_/g, "/")));
    expect(bytes.join("")).not.toMatch(/ASIA|APP|alice|issuer/);
  });

  it("holds whatever text claims are, to the last character", async () => {
    const names = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
    const values = fc.option(fc.string({ unit: "grapheme", maxLength: 100 }), { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(names, values), { maxLength: 5 }), async (claims) => {
        const session = { ...SESSION, claims };
        const { sessionToken } = await seal(session, SECRET);
        expect((await open(sessionToken, [SECRET]))?.session).toEqual(session);
      }),
      { ...(SEED && { seed: Number(SEED) }), numRuns: 200 },
    );
  });
});

describe("a session token that is not as it was sealed", () => {
  it("is refused at every length that is shorter, and longer", async () => {
    const { sessionToken } = await seal(SESSION, SECRET);
    for (let length = 0; length < sessionToken.length; length++) {
      expect(await open(sessionToken.slice(0, length), [SECRET])).toBeUndefined();
    }
    for (const more of ["A", "AA", "AAAA", "=", "==", " ", "\n", "."]) {
      expect(await open(sessionToken + more, [SECRET])).toBeUndefined();
      expect(await open(more + sessionToken, [SECRET])).toBeUndefined();
    }
  });

  it("is refused with any of 10,000 bits changed", async () => {
    const { sessionToken } = await seal(SESSION, SECRET);
    const sealed = Uint8Array.fromBase64(sessionToken.slice(2), BASE64URL);
    const opened: number[] = [];
    for (let n = 0; n < 10_000; n++) {
      // Every bit in its turn, and from the second round on together with one more.
      const bytes = sealed.slice();
      flip(bytes, n % (8 * bytes.length));
      if (n >= 8 * bytes.length) {
        flip(bytes, (n * 7_919) % (8 * bytes.length));
      }
      const isSame = bytes.every((byte, index) => byte === sealed[index]);
      if (!isSame && (await open(`1.${bytes.toBase64(BASE64URL)}`, [NEXT, SECRET])) !== undefined) {
        opened.push(n);
      }
    }
    expect(opened).toEqual([]);
  });

  it("is refused with any of its characters changed, also where they spell the same bytes", async () => {
    // Its length leaves two or four bits of the last character without a meaning.
    const sealedOnes = await Promise.all(["a", "ab", "abc"].map((sub) => seal(withSub(sub), SECRET)));
    const spared: string[] = [];
    for (const { sessionToken } of sealedOnes) {
      for (let at = 0; at < sessionToken.length; at++) {
        for (const other of new Set(["A", "B", "Q", "-", "_", "+", "/", " ", "="])) {
          const changed = sessionToken.slice(0, at) + other + sessionToken.slice(at + 1);
          if (changed !== sessionToken && (await open(changed, [SECRET])) !== undefined) {
            spared.push(`${at}${other}`);
          }
        }
      }
    }
    expect(spared).toEqual([]);
  });

  it("is refused for its length alone, and no key is made for it", async () => {
    const { sessionToken } = await seal({ ...SESSION, claims: [["sub", "a".repeat(7_000)]] }, SECRET);
    expect(sessionToken.length).toBeGreaterThan(SESSION_TOKEN_MAX_LENGTH);
    const derived = vi.spyOn(crypto.subtle, "importKey").mockClear();
    expect(await open(sessionToken, [SECRET])).toBeUndefined();
    expect(derived).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

function withSub(sub: string): Session {
  return { ...SESSION, claims: [["sub", sub]] };
}

function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
}
