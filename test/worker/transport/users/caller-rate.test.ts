import { expect, it } from "vitest";
import { parsePolicy } from "../../../../src/worker/auth/policy/parse.ts";
import { callerKey } from "../../../../src/worker/transport/users/caller-rate.ts";

const MAIL = `arn:aws:chime:*:*:app-instance/a/user/\${jwt:email}`;
const TENANT = `arn:aws:chime:*:*:app-instance/\${jwt:tenant}/user/\${jwt:id}`;

/** What a caller is counted by. */
function keyOf(claims: Record<string, string>, resource = MAIL, principal = "APP"): string {
  const document = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: resource } };
  const policy = parsePolicy(document, "policy", (variable) => variable.replace("jwt:", ""));
  const caller = { kind: "caller" as const, principal, policy, claims: new Map(Object.entries(claims)) };
  return callerKey(caller);
}

it("users are counted one by one: by sub, and else by the claims that their policy names", () => {
  const callers = [{ sub: "alice" }, { sub: "bob" }, { email: "alice@example.com" }, { email: "bob@example.com" }, {}];
  expect(new Set(callers.map((claims) => keyOf(claims))).size).toBe(callers.length);
  const tenants = [{ tenant: "a", id: "1" }, { tenant: "a1", id: "" }, { tenant: "a" }, { id: "1" }];
  expect(new Set(tenants.map((claims) => keyOf(claims, TENANT))).size).toBe(tenants.length);
});

it("one user is counted once, whatever else their tokens say", () => {
  expect(keyOf({ sub: "alice", email: "a", jti: "1" })).toBe(keyOf({ sub: "alice", email: "b", jti: "2" }));
  expect(keyOf({ email: "a", jti: "1" })).toBe(keyOf({ email: "a", jti: "2" }));
  expect(keyOf({ sub: "alice" }, MAIL, "A")).not.toBe(keyOf({ sub: "alice" }, MAIL, "B"));
});

it("nothing of a claim, however long, is in what is counted by", () => {
  expect(keyOf({ email: "secret".repeat(10_000) })).toMatch(/^[0-9a-f]{64}$/);
});
