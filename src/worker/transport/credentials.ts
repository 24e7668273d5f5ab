/**
 * `GET /credentials`: a user's token in, credentials for AWS SDKs out. No operation of the service: it wakes no object, and
 * SDKs ask for it by themselves.
 *
 * Source of what they send and read: docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html, and for
 * Version and SessionToken, by which the same answer serves a credential_process, feature-process-credentials.html beside it.
 */

import { callerOf } from "../auth/bearer/verify.ts";
import type { SessionCredentials } from "../auth/sessions/mint.ts";
import type { Sessions } from "../auth/sessions/sessions.ts";
import type { Failure } from "../model/failure.ts";
import { jsonReply, respond } from "./http/respond.ts";
import type { Incoming, Routes } from "./incoming.ts";
import { refuseInRest, refuseOtherMethods } from "./refuse.ts";
import { admit, type CallerRate } from "./users/caller-rate.ts";

export const CREDENTIALS_PATH = "/credentials";

/** What its lines in the log call it. */
const GET_CREDENTIALS = "GetCredentials";

export function addCredentials(routes: Routes, sessions: Sessions, rate: CallerRate | undefined): void {
  routes.get(CREDENTIALS_PATH, async ({ env }) => {
    env.event.operation = GET_CREDENTIALS;
    const outcome = await exchange(env, sessions, rate);
    if (outcome.kind !== "ok") {
      return refuseInRest(env.event, outcome);
    }
    env.event.outcome = { kind: "ok" };
    return respond(env.event, jsonReply({ status: 200, body: documentOf(outcome) }));
  });
  routes.all(CREDENTIALS_PATH, refuseOtherMethods(["GET", "HEAD"]));
}

async function exchange(
  { request, event }: Incoming,
  sessions: Sessions,
  rate: CallerRate | undefined,
): Promise<SessionCredentials | Failure> {
  const bearer = await sessions.authenticate(request.headers.get("authorization") ?? "");
  if (bearer.kind !== "bearer") {
    return bearer;
  }
  const caller = await admit(callerOf(bearer), rate, event);
  return caller.kind === "caller" ? sessions.mint(bearer) : caller;
}

/** Dates have no fractions of a second, which not all SDKs read. */
function documentOf({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: SessionCredentials) {
  return {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    SessionToken: sessionToken,
    Expiration: new Date(expiresAt).toISOString().replace(/\.\d+/, ""),
  };
}
