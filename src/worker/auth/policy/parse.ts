/**
 * Reads IAM policy documents, as far as this service has a use for them: Effect, Action, Resource, and variables for
 * the claims of a bearer token. What it would not heed it refuses, for a policy must never allow more than it says.
 * Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { ConfigError } from "../../model/config-error.ts";
import type { Pattern, Policy, Statement } from "../../model/policy.ts";
import { listOf, membersOf, textOf } from "../strict-json.ts";
import { parsePattern } from "./pattern.ts";

/** In older versions of the language variables are plain text, so a policy without a version would not mean what it says. */
const VERSION = "2012-10-17";

const NOT_HEEDED = ["Condition", "NotAction", "NotResource", "Principal", "NotPrincipal"] as const;

/** As many as fit a variable of 5 KB. */
const LIST_MAX = 200;

/** The claim that a variable stands for, or undefined where the principal has no such variable. */
export type ClaimOf = (variable: string) => string | undefined;

/**
 * The policy in a document. Statements on other services' actions are read and do nothing here. Throws ConfigError,
 * which tells what is wrong at which place; `at` is where the document stands.
 */
export function parsePolicy(document: unknown, at: string, claimOf: ClaimOf): Policy {
  const { Version, Statement } = membersOf(document, at, ["Version", "Id", "Statement"]);
  if (Version !== VERSION) {
    throw new ConfigError(`${at}.Version must be "${VERSION}"`);
  }
  return listOf([Statement].flat(), `${at}.Statement`, LIST_MAX, (statement, place) =>
    parseStatement(statement, place, claimOf),
  );
}

function parseStatement(statement: unknown, at: string, claimOf: ClaimOf): Statement {
  const { Effect, Action, Resource, ...others } = membersOf(statement, at, [
    "Sid",
    "Effect",
    "Action",
    "Resource",
    ...NOT_HEEDED,
  ]);
  const notHeeded = NOT_HEEDED.find((name) => name in others);
  if (notHeeded !== undefined) {
    throw new ConfigError(`${at}.${notHeeded} is not supported: a statement takes Sid, Effect, Action and Resource`);
  }
  if (Effect !== "Allow" && Effect !== "Deny") {
    throw new ConfigError(`${at}.Effect must be "Allow" or "Deny"`);
  }
  return {
    effect: Effect,
    actions: listOf([Action].flat(), `${at}.Action`, LIST_MAX, parseAction),
    resources: listOf([Resource].flat(), `${at}.Resource`, LIST_MAX, (resource, place) =>
      parseResource(resource, place, claimOf),
    ),
  };
}

function parseAction(action: unknown, at: string): Pattern {
  const name = textOf(action, at);
  const pattern = /^(\*|[a-z0-9-]+:[a-z0-9*?]+)$/i.test(name) ? parsePattern(name.toLowerCase(), NO_CLAIMS) : undefined;
  if (pattern === undefined) {
    throw new ConfigError(`${at} must be "*" or an action such as "chime:RegisterAppInstanceUserEndpoint"`);
  }
  return pattern;
}

function parseResource(resource: unknown, at: string, claimOf: ClaimOf): Pattern {
  const arn = textOf(resource, at);
  if (arn !== "*" && !arn.startsWith("arn:")) {
    throw new ConfigError(`${at} must be "*" or an ARN`);
  }
  const pattern = parsePattern(arn, claimOf);
  if (pattern === undefined) {
    throw new ConfigError(
      `${at} has a variable that this principal does not have. A token issuer has \${jwt:CLAIM}, and ` +
        `\${cognito-identity.amazonaws.com:sub} where its cognitoSubClaim is set; access keys have none`,
    );
  }
  return pattern;
}

const NO_CLAIMS: ClaimOf = () => undefined;
