import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pageToken, positionOf } from "../../../src/worker/core/page-token.ts";
import { idOf } from "../../support/rows.ts";

const token = pageToken(idOf(1), "alice");

describe("positionOf", () => {
  it("is the id that the token was issued with", () => {
    expect(positionOf(token, "alice")).toBe(idOf(1));
  });

  it("is unknown to another user", () => {
    expect(positionOf(token, "bob")).toBeUndefined();
  });

  it.each([
    ["an endpoint's id", idOf(1)],
    ["an id without a seal", Buffer.from(idOf(1)).toString("base64url")],
    [
      "an id with another's seal",
      Buffer.from(`${idOf(1)}.${sealOf(pageToken(idOf(2), "alice"))}`).toString("base64url"),
    ],
    ["padded", `${token}=`],
    ["with a space in it", ` ${token}`],
    ["repeated", token + token],
    ["nothing", ""],
  ])("is unknown of a token that is %s", (_, madeUp) => {
    expect(positionOf(madeUp, "alice")).toBeUndefined();
  });

  it("is unknown of a token with any character changed, dropped or made up", () => {
    for (const [at, character] of [...token].entries()) {
      const other = character === "A" ? "B" : "A";
      expect(positionOf(token.slice(0, at) + other + token.slice(at + 1), "alice")).toBeUndefined();
      expect(positionOf(token.slice(0, at) + token.slice(at + 1), "alice")).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (text) => positionOf(text, "alice") === undefined));
  });
});

function sealOf(other: string): string | undefined {
  return Buffer.from(other, "base64url").toString().split(".")[1];
}
