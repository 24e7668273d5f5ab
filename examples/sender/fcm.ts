import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { applicationDefault, deleteApp, type FirebaseError, initializeApp } from "firebase-admin/app";
import { getMessaging, type Message } from "firebase-admin/messaging";
import { type Ending, hasNeverLeft, type Push, type PushService } from "./push-service.ts";

const HOST = "fcm.googleapis.com";

/** A Firebase installation id, which FCM takes in the place of a registration token. */
const FID = /^[cdef][\w-]{21}$/;

/** What Google asks for after a 429 that names no time. */
const WAIT_DEFAULT_MS = 60_000;

/** By the service account that Google's libraries find by themselves. */
export function createFcm(): PushService {
  const app = initializeApp({ credential: applicationDefault() });
  const messaging = getMessaging(app);
  return {
    async send(deviceToken, push) {
      try {
        await attempts.run({ isMade: false }, () => messaging.send(messageOf(deviceToken, push)));
        return { outcome: "sent" };
      } catch (error) {
        return endingOf(error as FirebaseError);
      }
    },
    close: () => deleteApp(app),
  };
}

/**
 * firebase-admin sends up to four times more by itself after a 503, a time-out or a lost connection, and has no setting against it. FCM
 * may have delivered the push in each of these cases, and has no way to say that it is the same one. So a second request is stopped here.
 */
const attempts = new AsyncLocalStorage<{ isMade: boolean }>();
subscribe("http.client.request.created", (created) => {
  const { request } = created as { request: ClientRequest };
  const attempt = attempts.getStore();
  if (attempt === undefined || request.host !== HOST) {
    return;
  }
  if (attempt.isMade) {
    request.destroy(new Error("It is not sent a second time."));
  }
  attempt.isMade = true;
});

function messageOf(deviceToken: string, push: Push): Message {
  const { collapseId, isCollapsible, title, body, data, expiresAt } = push;
  return {
    ...(FID.test(deviceToken) ? { fid: deviceToken } : { token: deviceToken }),
    notification: { title, ...(body !== undefined && { body }) },
    data,
    android: {
      priority: "high",
      ...(expiresAt !== undefined && { ttl: Math.max(0, expiresAt.getTime() - Date.now()) }),
      // FCM keeps four of them for a device that is off, so a message of its own must not have one.
      ...(isCollapsible && { collapseKey: collapseId }),
      notification: { tag: collapseId },
    },
  };
}

function endingOf(answer: FirebaseError): Ending {
  const { status, headers } = answer.httpResponse ?? {};
  if (status === 429) {
    const seconds = Number(headers?.["retry-after"]);
    return { outcome: "not_taken", answer, waitMs: seconds >= 0 ? seconds * 1_000 : WAIT_DEFAULT_MS };
  }
  if (hasNeverLeft(answer)) {
    return { outcome: "not_taken", answer };
  }
  return { outcome: status === undefined || status >= 500 ? "unknown" : "refused", answer };
}
