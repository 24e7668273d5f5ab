import { claimsIn } from "../../model/policy.ts";
import type { Credential, Issuer } from "../principals.ts";
import { open } from "./seal.ts";
import type { Session } from "./session.ts";

/**
 * What a session key opens, if its session token was sealed by one of the secrets together with this id, and the principal
 * that it speaks for is still there. The policy is the principal's of now: what it has been narrowed to holds at once.
 */
export async function lookUpSession(
  accessKeyId: string,
  sessionToken: string,
  { secrets, issuers }: { secrets: readonly string[]; issuers: readonly Issuer[] },
): Promise<Credential | undefined> {
  const opened = await open(sessionToken, secrets);
  if (opened === undefined || opened.session.accessKeyId !== accessKeyId) {
    return undefined;
  }
  const { session, secretAccessKey } = opened;
  const issuer = issuers.find((configured) => isOf(session, configured));
  return (
    issuer && {
      caller: { kind: "caller", principal: issuer.principal, policy: issuer.policy, claims: textsIn(session) },
      ...{ secretAccessKey, sessionToken, expiresAt: session.expiresAt },
    }
  );
}

/**
 * Whether a session speaks for this principal: not only for its name, which another may have been given since, and with all
 * claims that its policy names by now. A Deny on a claim that is not carried would not apply.
 */
function isOf(
  { claims, ...session }: Session,
  { principal, issuer, audience, audienceClaim, policy }: Issuer,
): boolean {
  return (
    session.principal === principal &&
    session.issuer === issuer &&
    session.audience === audience &&
    session.audienceClaim === audienceClaim &&
    claimsIn(policy).every((name) => claims.some(([carried]) => carried === name))
  );
}

function textsIn({ claims }: Session): ReadonlyMap<string, string> {
  return new Map(claims.filter((claim): claim is [string, string] => claim[1] !== null));
}
