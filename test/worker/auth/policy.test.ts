import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../../src/worker/auth/policy/evaluate.ts";
import { parsePolicy } from "../../../src/worker/auth/policy/parse.ts";
import { ConfigError } from "../../../src/worker/model/config-error.ts";

const REGISTER = "chime:RegisterAppInstanceUserEndpoint";
const USERS = "arn:aws:chime:us-east-1:1:app-instance/a/user/";
const SUB = `\${jwt:sub}`;

interface Statement {
  Effect: "Allow" | "Deny";
  Action: string | string[];
  Resource: string | string[];
}

const claimOf = (variable: string) => (variable.startsWith("jwt:") ? variable.slice("jwt:".length) : undefined);

function parse(statements: unknown) {
  return parsePolicy({ Version: "2012-10-17", Statement: statements }, "policy", claimOf);
}

function isAllowed(statements: Statement | Statement[], resource: string, subject?: string, action = REGISTER) {
  const claims = new Map(subject === undefined ? [] : [["sub", subject]]);
  return evaluate(parse(statements), { action, resource, claims });
}

/** The same by regular expressions, which may take their time. */
function isAllowedSlowly(statements: Statement[], resource: string, subject: string | undefined): boolean {
  const applies = ({ Action, Resource }: Statement) =>
    [Action].flat().some((pattern) => regexp(pattern, undefined, "i")?.test(REGISTER)) &&
    [Resource].flat().some((pattern) => regexp(pattern, subject)?.test(resource));
  const effects = statements.filter(applies).map(({ Effect }) => Effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

function regexp(pattern: string, subject: string | undefined, flags = ""): RegExp | undefined {
  if (pattern.includes(SUB) && (!subject || subject.includes("/"))) {
    return undefined;
  }
  const [first = "", ...rest] = pattern.split(SUB).map((text) => {
    return escaped(text).replaceAll("\\*", ".*").replaceAll("\\?", ".");
  });
  return new RegExp(`^${[first, ...rest].join(escaped(subject ?? ""))}$`, `su${flags}`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

describe("a policy", () => {
  const allow: Statement = { Effect: "Allow", Action: "chime:*", Resource: "*" };

  it("denies what it does not allow", () => {
    expect(isAllowed({ ...allow, Action: "chime:List*" }, `${USERS}alice`)).toBe(false);
    expect(isAllowed({ ...allow, Resource: `${USERS}bob` }, `${USERS}alice`)).toBe(false);
    expect(isAllowed(allow, `${USERS}alice`)).toBe(true);
  });

  it("denies what a statement denies, whichever allow it", () => {
    const deny: Statement = { Effect: "Deny", Action: "*", Resource: `${USERS}alice` };
    expect(isAllowed([deny, allow], `${USERS}alice`)).toBe(false);
    expect(isAllowed([allow, deny], `${USERS}alice`)).toBe(false);
    expect(isAllowed([allow, deny], `${USERS}bob`)).toBe(true);
  });

  it("compares actions in any case, and resources in theirs", () => {
    expect(isAllowed({ ...allow, Action: "CHIME:register*" }, `${USERS}alice`)).toBe(true);
    expect(isAllowed({ ...allow, Resource: `${USERS}ALICE` }, `${USERS}alice`)).toBe(false);
  });

  it("may speak of other services, which does nothing", () => {
    const other: Statement = { Effect: "Allow", Action: ["mobiletargeting:GetApp", "s3:*"], Resource: "*" };
    expect(isAllowed(other, `${USERS}alice`)).toBe(false);
    expect(isAllowed([other, allow], `${USERS}alice`)).toBe(true);
  });

  it("takes IAM's escapes for the characters themselves", () => {
    const literal = `${USERS}\${*}\${?}\${$}`;
    expect(isAllowed({ ...allow, Resource: literal }, `${USERS}*?$`)).toBe(true);
    expect(isAllowed({ ...allow, Resource: literal }, `${USERS}abc`)).toBe(false);
  });

  it("evaluates as a plain, slow reference does", () => {
    const piece = fc.constantFrom("a", "b", "constructor", "é", "😀", "*", "?", "**", ".", "\n", "$", "/user/", SUB);
    const resource = fc.array(piece, { maxLength: 8 }).map((pieces) => `arn:${pieces.join("")}`);
    const action = fc.constantFrom("*", "chime:*", "chime:register*", "chime:?egister*Endpoint", "s3:*", REGISTER);
    const some = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { minLength: 1, maxLength: 3 });
    const statement = fc.record({
      Effect: fc.constantFrom("Allow" as const, "Allow" as const, "Deny" as const),
      Action: some(action),
      Resource: some(resource),
    });
    const text = fc.array(fc.constantFrom("a", "b", "constructor", "é", "😀", "*", "?", "/user/"), { maxLength: 8 });
    const subject = fc.option(fc.constantFrom("", "a", "ab", "*", "?", "a/b", SUB, "é😀"), { nil: undefined });
    const outcomes = { true: 0, false: 0 };
    fc.assert(
      fc.property(some(statement), text, subject, (statements, pieces, sub) => {
        const target = `arn:${pieces.join("")}`;
        const allowed = isAllowed(statements, target, sub);
        outcomes[`${allowed}`]++;
        expect(allowed).toBe(isAllowedSlowly(statements, target, sub));
      }),
      { numRuns: 20_000 },
    );
    expect(Math.min(outcomes.true, outcomes.false)).toBeGreaterThan(500);
  });

  it("takes no longer for many wildcards than for one", () => {
    const text = `arn:${"a".repeat(1_596)}`;
    const started = performance.now();
    expect(isAllowed({ ...allow, Resource: `arn:${"*a".repeat(200)}b` }, text)).toBe(false);
    expect(isAllowed({ ...allow, Resource: `arn:${"*?".repeat(200)}` }, text)).toBe(true);
    // The clock of the runtime stands still while code runs, so this fails by the test's own time limit.
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("a claim variable", () => {
  const own: Statement = { Effect: "Allow", Action: "chime:*", Resource: `${USERS}${SUB}` };
  const hostile = ["*", "?", "**", "../x", "a/b", "/", "", "alice/../bob", SUB, `\${*}`, "$", "alice*", "al?ce"];

  it("stands for the caller's own user", () => {
    expect(isAllowed(own, `${USERS}alice`, "alice")).toBe(true);
    expect(isAllowed(own, `${USERS}bob`, "alice")).toBe(false);
    expect(isAllowed(own, `${USERS}alice`, undefined)).toBe(false);
  });

  it.each(hostile)("of %j matches no more than itself", (subject) => {
    const isUsable = subject !== "" && !subject.includes("/");
    expect(isAllowed(own, USERS + subject, subject)).toBe(isUsable);
    for (const user of ["alice", "bob", "a", "x", "", ...hostile]) {
      expect(isAllowed(own, USERS + user, subject)).toBe(isUsable && user === subject);
    }
  });

  it("that is half of a character matches none that begins with it", () => {
    expect(isAllowed({ ...own, Resource: `${USERS}${SUB}*` }, `${USERS}😀`, "\ud83d")).toBe(false);
    expect(isAllowed({ ...own, Resource: `${USERS}${SUB}*` }, `${USERS}😀`, "😀")).toBe(true);
  });

  it("matches one user for each subject, whatever the two are", () => {
    const odd = fc.oneof(fc.constantFrom(...hostile, "alice", "bob"), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(odd, odd, (subject, user) => {
        const isUsable = subject !== "" && !subject.includes("/");
        expect(isAllowed(own, USERS + user, subject)).toBe(isUsable && user === subject);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("a claim of any length", () => {
  const own: Statement = { Effect: "Allow", Action: "chime:*", Resource: [`${USERS}${SUB}`, `arn:*${SUB}*`] };

  it.each([2_000, 150_000, 5_000_000])("of %d characters matches nothing", (length) => {
    expect(isAllowed(own, `${USERS}alice`, "a".repeat(length))).toBe(false);
  });

  it("as long as the ARN itself may be all of it", () => {
    const subject = "😀".repeat(1_000);
    expect(isAllowed({ ...own, Resource: `arn:${SUB}` }, `arn:${subject}`, subject)).toBe(true);
  });
});

describe("a policy document", () => {
  const valid = { Effect: "Allow", Action: "chime:*", Resource: "*" };
  it.each([
    [{ ...valid, Condition: {} }, "policy.Statement[0].Condition is not supported"],
    [{ ...valid, NotAction: "s3:*" }, "policy.Statement[0].NotAction is not supported"],
    [{ ...valid, NotResource: "*" }, "policy.Statement[0].NotResource is not supported"],
    [{ ...valid, Principal: "*" }, "policy.Statement[0].Principal is not supported"],
    [{ ...valid, NotPrincipal: "*" }, "policy.Statement[0].NotPrincipal is not supported"],
    [[valid, { ...valid, resource: "*" }], "policy.Statement[1] has a member that is not known"],
    [{ ...valid, Effect: "allow" }, 'policy.Statement[0].Effect must be "Allow" or "Deny"'],
    [{ ...valid, Action: [] }, "policy.Statement[0].Action must be a list"],
    [{ ...valid, Action: "Register" }, "policy.Statement[0].Action[0] must be"],
    [{ ...valid, Action: `chime:${SUB}` }, "policy.Statement[0].Action[0] must be"],
    [{ ...valid, Resource: undefined }, "policy.Statement[0].Resource[0] must be a text"],
    [{ ...valid, Resource: ["*", "user/alice"] }, "policy.Statement[0].Resource[1] must be"],
    [{ ...valid, Resource: `arn:\${aws:username}` }, "policy.Statement[0].Resource[0] has a variable"],
    [{ ...valid, Resource: `arn:\${jwt:sub` }, "policy.Statement[0].Resource[0] has a variable"],
    [[], "policy.Statement must be a list"],
    ["*", "policy.Statement[0] must be a JSON object"],
  ])("%j is refused", (statement, message) => {
    expect(() => parse(statement)).toThrow(ConfigError);
    expect(() => parse(statement)).toThrow(message);
  });

  it("needs the version in which variables are variables", () => {
    expect(() => parsePolicy({ Statement: valid }, "policy", claimOf)).toThrow('policy.Version must be "2012-10-17"');
    expect(() => parsePolicy({ Version: "2008-10-17", Statement: valid }, "policy", claimOf)).toThrow(ConfigError);
  });
});
