/**
 * The well-known principals of local mode, as documents of the kind that PRINCIPAL_… variables hold. Everybody knows
 * them, so they open nothing outside of local mode.
 */

export const LOCAL_ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE";
export const LOCAL_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

export const ALICE_ACCESS_KEY_ID = "AKIAI44QH8DHBEXAMPLE";
export const ALICE_SECRET_ACCESS_KEY = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

export const LOCAL_TOKENS = {
  issuer: "rollcall-local",
  audience: "rollcall",
  secret: "rollcall-local-jwt-secret-not-for-production",
};

/** What the sessions of local mode are sealed with. */
export const LOCAL_SESSION_SECRET = "rollcall-local-session-secret-not-for-production";

export const LOCAL_PRINCIPALS: Readonly<Record<string, unknown>> = {
  LOCAL: {
    accessKeys: [{ accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY }],
    policy: allow("*"),
  },
  LOCAL_ALICE: {
    accessKeys: [{ accessKeyId: ALICE_ACCESS_KEY_ID, secretAccessKey: ALICE_SECRET_ACCESS_KEY }],
    policy: allow("arn:aws:chime:us-east-1:123456789012:app-instance/*/user/alice"),
  },
  LOCAL_TOKENS: {
    tokenIssuer: { issuer: LOCAL_TOKENS.issuer, audience: LOCAL_TOKENS.audience, secrets: [LOCAL_TOKENS.secret] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy language
    policy: allow("arn:aws:chime:*:*:app-instance/*/user/${jwt:sub}"),
  },
};

function allow(resource: string) {
  return { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource: resource } };
}
