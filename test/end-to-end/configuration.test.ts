import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPrincipals } from "../../src/worker/auth/principals.ts";
import { VARIABLES } from "../../src/worker/config.ts";
import { TOKEN_FAULTS } from "../../src/worker/transport/refusals/explain-credentials.ts";
import { REFUSALS } from "../../src/worker/transport/refusals/table.ts";
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
    expect(await principals.lookUp("AKIABACKEND000000001")).toMatchObject({ principal: "0" });
  });
});

describe("the table of variables", () => {
  it("has a row for each variable that is read, and for no other", () => {
    const page = readFileSync(join(root, "docs/configuration.md"), "utf8");
    const told = Array.from(page.matchAll(/^\| `([A-Z_]+)` \|/gm), ([, name]) => name);
    expect(told.toSorted()).toEqual(VARIABLES.toSorted());
  });
});

describe("the tables of errors", () => {
  const page = readFileSync(join(root, "docs/errors.md"), "utf8");
  const [errors = "", checks = ""] = page.split("\n## Which check failed\n");
  const rows = (table: string) => Array.from(table.matchAll(/^\| `([A-Z_]+)` \|/gm), ([, word]) => word);

  it("have a row for each reason, and for no other", () => {
    expect(rows(errors).toSorted()).toEqual(Object.keys(REFUSALS).toSorted());
  });

  it("have a row for each check that a token can fail, in their order", () => {
    expect(rows(checks)).toEqual(Object.keys(TOKEN_FAULTS));
  });
});
