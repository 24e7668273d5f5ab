import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { describe, expect, it } from "vitest";
import { readPrincipals } from "../../src/worker/auth/principals.ts";
import { readConfig, VARIABLES } from "../../src/worker/config.ts";
import { TOKEN_FAULTS } from "../../src/worker/transport/refusals/explain-credentials.ts";
import type { Refusal } from "../../src/worker/transport/refusals/refusal.ts";
import { REFUSALS } from "../../src/worker/transport/refusals/table.ts";
import { restError } from "../../src/worker/transport/rest/errors.ts";
import { rpcError } from "../../src/worker/transport/rpc/errors.ts";
import { harnessWith, serve } from "../support/server.ts";
import { restRegister, send } from "../support/wire.ts";

const root = join(import.meta.dirname, "../..");

describe("a variable that can't be served with", () => {
  it("stops the Worker from starting, with an error that names it", async () => {
    const harness = harnessWith({ ENDPOINTS_PER_USER: "0" });
    await expect(harness.listen()).rejects.toThrow("ENDPOINTS_PER_USER must be a whole number from 1 to 500");
    await harness.close();
  });
});

describe("a server with every placement configured", () => {
  const server = serve({ LOCAL_MODE: "true", JURISDICTIONS: "us-east-1=eu", LOCATION_HINTS: "us-east-1=weur" });

  it("serves in local mode too", async () => {
    expect((await send(server.url, restRegister())).status).toBe(201);
  });
});

describe("the page about callers", () => {
  it("shows principals that can be served with", async () => {
    const page = readFileSync(join(root, "docs/callers.md"), "utf8");
    const documents = Array.from(page.matchAll(/^```json\n(.*?)^```$/gms), ([, json]) => json ?? "");
    // A policy by itself is none.
    const whole = documents.filter((json) => /"(?:accessKeys|tokenIssuer)"/.test(json));
    const variables = Object.fromEntries(whole.map((json, index) => [`PRINCIPAL_${index}`, json]));
    const principals = readPrincipals(variables, { localMode: false, signingRegions: [] });
    expect(principals.issuers.map(({ issuer }) => issuer)).toContain("https://login.example.com");
    expect(await principals.lookUp("AKIABACKEND000000001")).toMatchObject({ caller: { principal: "0" } });
  });
});

/** A value of each variable that can't be served with, and what stands beside it. */
const INVALID: readonly (readonly [name: string, value: string, beside?: object])[] = [
  ...["ENDPOINTS_PER_USER", "OPERATION_RATE_PER_SECOND", "OPERATION_BURST"].map((name) => [name, "0"] as const),
  ...["SAME_DEVICE", "LOCAL_MODE", "PAGES", "LOG_SUCCESSES"].map((name) => [name, "nonsense"] as const),
  ...["JURISDICTIONS", "LOCATION_HINTS", "ALLOWED_ORIGINS", "OWN_HOSTS"].map((name) => [name, "a/b"] as const),
  ...["ALLOWED_HEADERS", "SIGNING_REGIONS", "LOCAL_MODE_HOSTS"].map((name) => [name, "@"] as const),
  ...["USERS_AT_ONCE", "CALLS_PER_CALLER", "BATCHES_PER_CALLER"].map((name) => [name, "1000001"] as const),
  ["STALE_DAYS", "13", { SAME_DEVICE: "adopt" }],
  ["STALE_DAYS", "14"],
  ["DEVICES", "x", { SAME_DEVICE: "adopt" }],
  ["DEVICES", "move"],
  ["EVENTS_URL", "https://receiver.example.com"],
  ["EVENTS_URL", "https://receiver.example.com", { DEVICES: "move" }],
  ["EVENTS_URL", "http://receiver.example.com", { DEVICES: "move", EVENTS_SECRETS: `["whsec_${"A".repeat(32)}"]` }],
  ["EVENTS_SECRETS", "[]"],
  ["EVENTS_SECRETS", "[]", { DEVICES: "move" }],
];

describe("the table of variables", () => {
  const page = readFileSync(join(root, "docs/configuration.md"), "utf8");

  it("has a row for each variable that is read, and for no other", () => {
    const told = Array.from(page.matchAll(/^\| `([A-Z_]+)` \|/gm), ([, name]) => name);
    expect(told.toSorted()).toEqual(VARIABLES.toSorted());
  });

  const invalid = INVALID.map(([name, value, beside = {}]) => ({ name, value, beside }));

  it.each(invalid)("has the error for an invalid value: $name=$value", ({ name, value, beside }) => {
    const errors =
      page
        .split("\n")
        .find((line) => line.startsWith(`| \`${name}\` |`))
        ?.split("|")
        .at(-2) ?? "";
    const told = Array.from(errors.matchAll(/`([^`]+)`/g), ([, text = ""]) => text.replace(/…$/, ""));
    const error = errorOf(() => readConfig({ ...beside, [name]: value }));
    expect(told.filter((text) => error.startsWith(text) && text.length > name.length + 10)).toHaveLength(1);
  });
});

function errorOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  return expect.fail("it is valid");
}

describe("the tables of errors", () => {
  const page = readFileSync(join(root, "docs/errors.md"), "utf8");
  const [errors = "", checks = ""] = page.split("\n## Which check failed\n");
  const rows = (table: string) => Array.from(table.matchAll(/^\| `([A-Z_]+)` \|/gm), ([, word]) => word);

  it("have a row for each reason, and for no other", () => {
    expect(rows(errors).toSorted()).toEqual(Object.keys(REFUSALS).toSorted());
  });

  it.each<[string, Refusal]>(Object.entries(REFUSALS))(
    "tell by what %s is answered on each wire",
    (reason, refusal) => {
      const [, rest, rpc = ""] =
        errors
          .split("\n")
          .find((line) => line.startsWith(`| \`${reason}\` |`))
          ?.split(" | ") ?? [];
      const { status, headers } = restError(refusal.example);
      expect(rest).toBe(refusal.isRpcOnly ? "–" : `${headers["x-amzn-errortype"]}, ${status}`);
      if (refusal.operations === "credentials") {
        expect(rpc).toBe("–");
        return;
      }
      const { code, details } = rpcError(refusal.example);
      expect(rpc.replace(/,.*/, "")).toBe(codeToString(code));
      const isTold = (type: string) => new RegExp(`with \`(?:[a-z.]+\\.)?${type}\``).test(rpc);
      for (const type of ["RetryInfo", "QuotaFailure", "Violations"]) {
        expect([type, isTold(type)]).toEqual([type, details.some((detail) => detail.type.endsWith(`.${type}`))]);
      }
    },
  );

  it("have a row for each check that a token can fail, in their order", () => {
    expect(rows(checks)).toEqual(Object.keys(TOKEN_FAULTS));
  });
});
