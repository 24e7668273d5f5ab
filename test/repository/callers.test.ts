import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../src/worker/auth/authenticate.ts";
import { authorise } from "../../src/worker/auth/authorise.ts";
import { readPrincipals } from "../../src/worker/auth/principals.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/callers.md"), "utf8");
const [, providers = ""] = /^## Known identity providers\n(.*?)^## /ms.exec(page) ?? [];

/** The principals of the page by their headings. */
const documents: Record<string, string> = Object.fromEntries(
  providers
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.split("\n", 1)[0], /^```json\n(.*?)^```$/ms.exec(section)?.[1] ?? ""]),
);

const NOW = Date.UTC(2026, 10, 23);
const TIMES = { iat: NOW / 1_000 - 10, exp: NOW / 1_000 + 300 };
const POOL = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1Cd2Ef3";
const AUTH0 = "https://example.eu.auth0.com/";

/** What each provider's tokens hold, by its own documentation. */
const TOKENS: Record<string, JWTPayload> = {
  "Cognito, id tokens": {
    ...{ iss: POOL, aud: "1example23456789", sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", token_use: "id" },
    ...{ "cognito:username": "jane", email: "jane@example.com", email_verified: true, ...TIMES },
  },
  "Cognito, access tokens": {
    ...{ iss: POOL, client_id: "1example23456789", sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", token_use: "access" },
    ...{ username: "jane", scope: "openid", version: 2, ...TIMES },
  },
  Auth0: {
    ...{ iss: AUTH0, aud: ["https://rollcall.example.com", `${AUTH0}userinfo`], sub: "auth0|507f1f77bcf86cd799439020" },
    ...{ azp: "my_client_id", scope: "openid profile", ...TIMES },
  },
  Firebase: {
    ...{ iss: "https://securetoken.google.com/example-project", aud: "example-project", sub: "Ab1Cd2Ef3Gh4", ...TIMES },
    ...{ user_id: "Ab1Cd2Ef3Gh4", auth_time: TIMES.iat, firebase: { sign_in_provider: "password", identities: {} } },
  },
  Clerk: {
    ...{ iss: "https://clerk.example.com", azp: "https://app.example.com", sub: "user_2NNEqL2nrIRdJ194ndJqAHwEfxC" },
    ...{ sid: "sess_2GbDB4enNdCa5vS1zpC3Xzg9tK9", nbf: TIMES.iat, v: 2, sts: "active", ...TIMES },
  },
  Keycloak: {
    ...{
      iss: "https://keycloak.example.com/realms/example",
      aud: ["rollcall", "account"],
      azp: "my-app",
      typ: "Bearer",
    },
    ...{ sub: "11111111-2222-3333-4444-555555555555", realm_access: { roles: ["user"] }, ...TIMES },
  },
};

const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
const key = { ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" };

async function present(claims: JWTPayload, configured: Record<string, string>) {
  const variables = Object.entries(configured).map(([name, json]) => [`PRINCIPAL_${name}`, json]);
  const principals = readPrincipals(Object.fromEntries(variables), { localMode: false, signingRegions: [] });
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "1" }).sign(privateKey);
  const url = new URL("https://rollcall.example.com/");
  const request = new Request(url, { headers: { authorization: `Bearer ${token}` } });
  return authenticate({ request, url, body: new Uint8Array() }, principals, NOW);
}

afterEach(() => vi.restoreAllMocks());

describe("the page about callers", () => {
  it("has a principal for each of these providers", () => {
    expect(Object.keys(documents)).toEqual(Object.keys(TOKENS));
  });

  it.each(Object.entries(TOKENS))("lets a token in as %s makes them, for its own user", async (name, claims) => {
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ keys: [key] }));
    for (const configured of [{ [name]: documents[name] ?? "" }, documents]) {
      const caller = await present(claims, configured);
      expect(caller).toMatchObject({ kind: "caller", principal: name });
      const isAllowed = (user = "") =>
        caller.kind === "caller" &&
        authorise(
          caller,
          "chime:ListAppInstanceUserEndpoints",
          `arn:aws:chime:us-east-1:123456789012:app-instance/prod/user/${user}`,
        );
      expect([isAllowed(claims.sub), isAllowed("another")]).toEqual([true, false]);
    }
    expect(fetched.mock.calls[0]?.[0]).toBe(JSON.parse(documents[name] ?? "").tokenIssuer.jwksUrl);
  });

  it.each(Object.entries(TOKENS))("refuses a token that %s made for another app", async (name, claims) => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ keys: [key] }));
    const { audience, audienceClaim = "aud" } = JSON.parse(documents[name] ?? "").tokenIssuer;
    const decoys = { aud: audience, client_id: audience, azp: audience };
    for (const other of ["another app", ["another app"], undefined]) {
      for (const beside of [{}, decoys]) {
        const changed = { ...claims, ...beside, [audienceClaim]: other };
        expect(await present(changed, { [name]: documents[name] ?? "" })).toMatchObject({ fault: "WRONG_AUDIENCE" });
      }
    }
  });
});
