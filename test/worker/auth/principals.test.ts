import { describe, expect, it } from "vitest";
import { LOCAL_ACCESS_KEY_ID } from "../../../src/worker/auth/local-principals.ts";
import { readPrincipals } from "../../../src/worker/auth/principals.ts";
import { ConfigError } from "../../../src/worker/model/config-error.ts";

const VALUE = "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYwJalrXUtn";
const POLICY = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource: "*" } };
const KEY = { accessKeyId: "AKIAI44QH8DHBEXAMPL2", secretAccessKey: VALUE };
const ISSUER = { issuer: "https://issuer.example.com/", audience: "rollcall", secrets: [VALUE] };
const KEY_SET = { ...ISSUER, secrets: undefined, jwksUrl: "https://issuer.example.com/jwks", algorithm: "RS256" };

function read(documents: Record<string, unknown>, localMode = false) {
  const variables = Object.entries(documents).map(([name, document]) => [
    `PRINCIPAL_${name}`,
    typeof document === "string" ? document : JSON.stringify(document),
  ]);
  return readPrincipals(Object.fromEntries(variables), { localMode, signingRegions: [] });
}

describe("readPrincipals", () => {
  it("knows nobody if nothing is set", async () => {
    const principals = read({});
    expect(principals).toMatchObject({ isEmpty: true, issuers: [] });
    expect(await principals.lookUp(LOCAL_ACCESS_KEY_ID)).toBeUndefined();
  });

  it("knows the well-known principals in local mode, and only then", async () => {
    const local = read({}, true);
    expect(local.isEmpty).toBe(false);
    expect(await local.lookUp(LOCAL_ACCESS_KEY_ID)).toMatchObject({ caller: { principal: "LOCAL" } });
    expect(local.issuers).toMatchObject([
      { principal: "LOCAL_TOKENS", issuer: "rollcall-local", algorithms: ["HS256"] },
    ]);
    expect(await read({ A: { accessKeys: [KEY], policy: POLICY } }).lookUp(LOCAL_ACCESS_KEY_ID)).toBeUndefined();
  });

  it("knows each of a principal's two keys by the principal's name", async () => {
    const second = { ...KEY, accessKeyId: "AKIAI44QH8DHBEXAMPL3" };
    const { lookUp } = read({ BACKEND: { accessKeys: [KEY, second], policy: POLICY } });
    for (const { accessKeyId } of [KEY, second]) {
      expect(await lookUp(accessKeyId)).toMatchObject({ caller: { principal: "BACKEND" }, secretAccessKey: VALUE });
    }
    expect(await lookUp("constructor")).toBeUndefined();
  });

  it("maps Cognito's variable to the claim that the issuer names", () => {
    const statement = { ...POLICY.Statement, Resource: `arn:*/user/\${cognito-identity.amazonaws.com:sub}` };
    const policy = { ...POLICY, Statement: statement };
    const { issuers } = read({ APP: { tokenIssuer: { ...ISSUER, cognitoSubClaim: "custom:id" }, policy } });
    expect(issuers[0]?.policy[0]?.resources[0]?.at(-1)).toEqual({ kind: "claim", claim: "custom:id" });
    expect(() => read({ APP: { tokenIssuer: ISSUER, policy } })).toThrow(
      "PRINCIPAL_APP.policy.Statement[0].Resource[0]",
    );
  });

  it("takes a key set of this machine unencrypted, for trying out", () => {
    const tokenIssuer = { ...KEY_SET, jwksUrl: "http://localhost:8080/jwks" };
    expect(read({ APP: { tokenIssuer, policy: POLICY } }).issuers).toHaveLength(1);
  });

  it.each<[unknown, string]>([
    [`{"secretAccessKey": "${VALUE}`, "PRINCIPAL_X must be JSON"],
    [VALUE, "PRINCIPAL_X must be JSON"],
    [[VALUE], "PRINCIPAL_X must be a JSON object"],
    [{ policy: POLICY }, "PRINCIPAL_X must have accessKeys or a tokenIssuer"],
    [{ accessKeys: [KEY], tokenIssuer: ISSUER, policy: POLICY }, "PRINCIPAL_X must have accessKeys or a tokenIssuer"],
    [{ accessKeys: [KEY], policy: POLICY, [VALUE]: 1 }, "PRINCIPAL_X has a member that is not known"],
    [{ accessKeys: [KEY] }, "PRINCIPAL_X.policy must be a JSON object"],
    [{ accessKeys: [], policy: POLICY }, "PRINCIPAL_X.accessKeys must be a list of 1 to 2"],
    [{ accessKeys: [KEY, KEY, KEY], policy: POLICY }, "PRINCIPAL_X.accessKeys must be a list of 1 to 2"],
    [{ accessKeys: [KEY, KEY], policy: POLICY }, "PRINCIPAL_X has an access key id that another key has too"],
    [{ accessKeys: [{ ...KEY, accessKeyId: "short" }], policy: POLICY }, "PRINCIPAL_X.accessKeys[0].accessKeyId must"],
    [{ accessKeys: [{ ...KEY, secretAccessKey: "short" }], policy: POLICY }, "accessKeys[0].secretAccessKey must be a"],
    [{ accessKeys: [{ ...KEY, secretAccessKey: 1 }], policy: POLICY }, "accessKeys[0].secretAccessKey must be a text"],
    [{ tokenIssuer: { ...ISSUER, secrets: undefined }, policy: POLICY }, "tokenIssuer must have secrets or a jwksUrl"],
    [{ tokenIssuer: { ...KEY_SET, secrets: [VALUE] }, policy: POLICY }, "tokenIssuer must have secrets or a jwksUrl"],
    [{ tokenIssuer: { ...ISSUER, secrets: ["short"] }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.secrets[0] must be"],
    [{ tokenIssuer: { ...ISSUER, algorithm: "RS256" }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.algorithm must be"],
    [{ tokenIssuer: { ...KEY_SET, algorithm: "HS256" }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.algorithm must be"],
    [
      { tokenIssuer: { ...ISSUER, audienceClaim: "iss" }, policy: POLICY },
      "PRINCIPAL_X.tokenIssuer.audienceClaim must",
    ],
    [{ tokenIssuer: { ...ISSUER, audienceClaim: null }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.audienceClaim must"],
    [{ tokenIssuer: { ...KEY_SET, algorithm: "none" }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.algorithm must be"],
    [{ tokenIssuer: { ...KEY_SET, jwksUrl: "http://a.example" }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.jwksUrl"],
    [{ tokenIssuer: { ...KEY_SET, jwksUrl: "jwks.json" }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.jwksUrl must be"],
    [{ tokenIssuer: { ...ISSUER, issuer: "" }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.issuer must be a text"],
    [{ tokenIssuer: { ...ISSUER, audience: undefined }, policy: POLICY }, "PRINCIPAL_X.tokenIssuer.audience must be"],
  ])("refuses what it can't serve with, by name and never by value: %#", (document, message) => {
    const reading = () => read({ X: document });
    expect(reading).toThrow(ConfigError);
    expect(reading).toThrow(message);
    expect(reading).not.toThrow(VALUE);
  });

  it("refuses two principals that could not be told apart", () => {
    const keys = { accessKeys: [KEY], policy: POLICY };
    expect(() => read({ A: keys, B: keys })).toThrow("PRINCIPAL_B has an access key id that another key has too");
    const tokens = { tokenIssuer: ISSUER, policy: POLICY };
    expect(() => read({ A: tokens, B: tokens })).toThrow("PRINCIPAL_B has the issuer and the audience of another");
  });
});
