/** Sends a message to all devices of some users: resolves them, sends to each device once, and reports what failed. */
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { AppInstanceUserEndpointType, type RollcallClient } from "rollcall-client";
import {
  type AnsweredPush,
  FailureEffect,
  type ResolvedEndpoint,
  reportFailures,
  resolveEndpoints,
} from "rollcall-client/senders";
import { v5 as uuidOf } from "uuid";
import { createOnce } from "./once.ts";
import type { Ending, Push, PushService } from "./push-service.ts";
import type { PushRequest } from "./request.ts";
import { together } from "./together.ts";

/** What came of one device. */
export interface DeviceResult {
  readonly endpointId: string;
  readonly type: string;
  readonly outcome: Ending["outcome"] | "expired" | "would_be_sent" | "not_configured";
  /** The push service's word, if it was not sent. */
  readonly reason?: string | undefined;
  /** What the report of that word did. */
  readonly effect?: string | undefined;
}

/** What came of one user; `error` where it is not known which devices they have. */
export type UserResult =
  | { readonly user: string; readonly devices: readonly DeviceResult[] }
  | { readonly user: string; readonly error: string };

export interface PushResult {
  readonly id: string;
  /** Whether the rest may be sent to if the same is asked again. Who has got it gets it no second time. */
  readonly isIncomplete: boolean;
  readonly users: readonly UserResult[];
}

export interface SenderParts {
  readonly rollcall: RollcallClient;
  readonly services: ReadonlyMap<AppInstanceUserEndpointType, PushService>;
  readonly appInstanceArn: string;
  /** Devices of other applications are left out. */
  readonly resourceArn: string | undefined;
}

/** To all push services together, at a time. */
const SENDING_MAX = 100;

const ATTEMPTS_MAX = 4;
const PAUSE_FIRST_MS = 500;

/** Whoever is to wait for longer is left to be asked for again. */
const PAUSE_MAX_MS = 20_000;

/** For how long Rollcall is asked again for users whom it can't serve at the moment. */
const RETRY_FOR_MS = 20_000;

/** Of the ids that are made here, and chosen by chance. */
const NAMESPACE = "3bd4e056-f0f7-4c34-bff7-31c28164173a";

/** An attempt, with what is to be known to report it. */
type Attempted = (Ending | { readonly outcome: "expired" }) & { readonly sentAt: Date };

export function createSender({ rollcall, services, appInstanceArn, resourceArn }: SenderParts) {
  const options = { retryForMs: RETRY_FOR_MS };
  const resolve = together(
    (arns: string[]) => resolveEndpoints(rollcall, arns, { ...options, resourceArn }),
    ({ appInstanceUserArn }) => appInstanceUserArn,
  );
  const report = together(
    (pushes: AnsweredPush[]) => reportFailures(rollcall, pushes, options),
    ({ push }) => push,
  );
  const once = createOnce<Attempted>(({ outcome }) => outcome === "not_taken");
  const slot = pLimit(SENDING_MAX);

  /** Throws RollcallError where Rollcall is not to be reached, or does not allow it. Then, too, the same may be asked again. */
  return async function send(request: PushRequest): Promise<PushResult> {
    const users = await Promise.all([...new Set(request.users)].map((user) => sendToUser(user, request)));
    return { id: request.id, isIncomplete: users.some(isIncomplete), users };
  };

  async function sendToUser(user: string, request: PushRequest): Promise<UserResult> {
    const resolution = await resolve(user.startsWith("arn:") ? user : `${appInstanceArn}/user/${user}`);
    if (resolution.kind === "unresolved") {
      return { user, error: resolution.error.errorCode };
    }
    return { user, devices: await Promise.all(resolution.endpoints.map((to) => sendToDevice(to, request))) };
  }

  async function sendToDevice(sentTo: ResolvedEndpoint, request: PushRequest): Promise<DeviceResult> {
    const service = services.get(sentTo.type);
    const result = { endpointId: sentTo.endpointId, type: AppInstanceUserEndpointType[sentTo.type] };
    if (service === undefined || request.dryRun) {
      return { ...result, outcome: service === undefined ? "not_configured" : "would_be_sent" };
    }
    const push = pushOf(request, sentTo);
    const attempted = await once(push.id, () => attempt(service, sentTo.deviceToken, push));
    if (!("answer" in attempted)) {
      return { ...result, outcome: attempted.outcome };
    }
    const { outcome, answer, sentAt } = attempted;
    // A report that fails is no loss: the next push to a dead token fails as well.
    const told = await report({ sentTo, sentAt, answer }).catch(() => undefined);
    const effect = told?.kind === "reported" ? FailureEffect[told.effect] : told?.kind;
    return { ...result, outcome, reason: told?.reason, effect };
  }

  /** Sends, and sends again only what is sure not to have been taken. */
  async function attempt(service: PushService, deviceToken: string, push: Push): Promise<Attempted> {
    for (let made = 1; ; made++) {
      const sentAt = new Date();
      if (push.expiresAt !== undefined && push.expiresAt <= sentAt) {
        return { outcome: "expired", sentAt };
      }
      const ending = await slot(() => service.send(deviceToken, push));
      const pauseMs = ending.outcome === "not_taken" ? pauseAfter(made, ending.waitMs) : Number.POSITIVE_INFINITY;
      if (made === ATTEMPTS_MAX || pauseMs > PAUSE_MAX_MS) {
        return { ...ending, sentAt };
      }
      await sleep(pauseMs);
    }
  }
}

/** In milliseconds: three times as long after each attempt, less up to a half by chance, and never less than is asked for. */
function pauseAfter(made: number, waitMs = 0): number {
  return Math.max(waitMs, PAUSE_FIRST_MS * 3 ** (made - 1) * (1 - Math.random() / 2));
}

/** What a device gets has one id whoever's it is: a phone with two accounts gets a message once. */
function pushOf({ id, message }: PushRequest, { type, resourceArn, deviceToken }: ResolvedEndpoint): Push {
  return {
    ...message,
    id: uuidOf(JSON.stringify([id, type, resourceArn, deviceToken]), NAMESPACE),
    collapseId: message.collapseId ?? id,
    isCollapsible: message.collapseId !== undefined,
  };
}

function isIncomplete(result: UserResult): boolean {
  return "error" in result
    ? !["ServiceFailure", "BadRequest"].includes(result.error)
    : result.devices.some(({ outcome }) => outcome === "not_taken");
}
