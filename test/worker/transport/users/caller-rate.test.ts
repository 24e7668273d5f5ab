import { expect, it } from "vitest";
import { parsePolicy } from "../../../../src/worker/auth/policy/parse.ts";
import { withinRate } from "../../../../src/worker/transport/users/caller-rate.ts";

const MAIL = `arn:aws:chime:*:*:app-instance/a/user/\${jwt:email}`;
const TENANT = `arn:aws:chime:*:*:app-instance/\${jwt:tenant}/user/\${jwt:id}`;

/** What a caller is counted by. */
async function keyOf(claims: Record<string, string>, resource = MAIL, principal = "APP"): Promise<string> {
  const keys: string[] = [];
  const document = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: resource } };
  const policy = parsePolicy(document, "policy", (variable) => variable.replace("jwt:", ""));
  const caller = { kind: "caller" as const, principal, policy, claims: new Map(Object.entries(claims)) };
  await withinRate(caller, {
    limit: async ({ key }) => {
      keys.push(key);
      return { success: true };
    },
  });
  return keys.join();
}

it("users are counted one by one: by sub, and else by the claims that their policy names", async () => {
  const callers = [{ sub: "alice" }, { sub: "bob" }, { email: "alice@example.com" }, { email: "bob@example.com" }, {}];
  expect(new Set(await Promise.all(callers.map((claims) => keyOf(claims)))).size).toBe(callers.length);
  const tenants = [{ tenant: "a", id: "1" }, { tenant: "a1", id: "" }, { tenant: "a" }, { id: "1" }];
  expect(new Set(await Promise.all(tenants.map((claims) => keyOf(claims, TENANT)))).size).toBe(tenants.length);
});

it("one user is counted once, whatever else their tokens say", async () => {
  expect(await keyOf({ sub: "alice", email: "a", jti: "1" })).toBe(await keyOf({ sub: "alice", email: "b", jti: "2" }));
  expect(await keyOf({ email: "a", jti: "1" })).toBe(await keyOf({ email: "a", jti: "2" }));
  expect(await keyOf({ sub: "alice" }, MAIL, "A")).not.toBe(await keyOf({ sub: "alice" }, MAIL, "B"));
});

it("nothing of a claim, however long, is in what is counted by", async () => {
  expect(await keyOf({ email: "secret".repeat(10_000) })).toMatch(/^[0-9a-f]{64}$/);
});
