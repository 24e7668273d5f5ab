import apn from "@parse/node-apn";
import { type Ending, hasNeverLeft, type Push, type PushService } from "./push-service.ts";

export interface ApnsSettings {
  /** The .p8 file that Apple gave you. */
  readonly keyFile: string;
  readonly keyId: string;
  readonly teamId: string;
  /** The app's bundle id. */
  readonly topic: string;
  /** Apple's own where it is absent. */
  readonly address: string | undefined;
  readonly port: number;
}

const REQUEST_TIMEOUT_MS = 15_000;

/** One of Apple's two environments. */
export function createApns(settings: ApnsSettings, production: boolean): PushService {
  const { keyFile, keyId, teamId, topic, address, port } = settings;
  const provider = new apn.Provider({
    token: { key: keyFile, keyId, teamId },
    production,
    ...(address !== undefined && { address }),
    port,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // It would try again by itself: at once, and whatever happened to an attempt after the first.
    connectionRetryLimit: 0,
  });

  return {
    async send(deviceToken, push) {
      const { failed } = await provider.send(notificationOf(push, topic), deviceToken);
      return failed[0] === undefined ? { outcome: "sent" } : endingOf(failed[0]);
    },
    close: async () => provider.shutdown(),
  };
}

function notificationOf({ id, collapseId, title, body, data, expiresAt }: Push, topic: string): apn.Notification {
  const notification = new apn.Notification();
  notification.id = id;
  notification.topic = topic;
  notification.pushType = "alert";
  notification.collapseId = collapseId;
  notification.alert = { title, ...(body !== undefined && { body }) } as apn.NotificationAlertOptions;
  notification.sound = "default";
  notification.payload = data;
  if (expiresAt !== undefined) {
    notification.expiry = Math.floor(expiresAt.getTime() / 1_000);
  }
  return notification;
}

function endingOf(answer: apn.ResponseFailure): Ending {
  const { status } = answer;
  // 403 without a word is an expired provider token, which the library has renewed by now.
  const isTakenLater = status === 429 || status === 503 || (status === 403 && answer.response === undefined);
  if (isTakenLater || hasNeverLeft(answer)) {
    return { outcome: "not_taken", answer };
  }
  return { outcome: status === undefined || status >= 500 ? "unknown" : "refused", answer };
}
