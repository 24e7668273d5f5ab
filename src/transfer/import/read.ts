/** What the formats share: JSON that may have anything in it, and what a record comes to. */
import { createHash } from "node:crypto";
import { AppInstanceUserEndpointType as Type } from "../../client/index.ts";

export interface Registration {
  readonly appInstanceUserArn: string;
  readonly type: Type;
  readonly resourceArn: string;
  readonly endpointAttributes: { readonly deviceToken: string; readonly voipDeviceToken?: string };
  readonly name?: string | undefined;
  readonly isMuted: boolean;
  readonly clientRequestToken: string;
}

/** `why` is one of a few texts, so that they can be counted, and repeats nothing of the file. */
export type Read =
  | { readonly kind: "register"; readonly registration: Registration }
  | { readonly kind: "left_out" | "failed"; readonly why: string };

export function leftOut(why: string): Read {
  return { kind: "left_out", why };
}

export function failed(why: string): Read {
  return { kind: "failed", why };
}

/** The text at the end of a way of names; undefined where there is none, or an empty one. */
export function textAt(value: unknown, ...names: readonly string[]): string | undefined {
  const found = names.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function typeNamed(name: string | undefined): Type | undefined {
  return name === "APNS" || name === "APNS_SANDBOX" || name === "GCM" ? Type[name] : undefined;
}

/** What is pushed otherwise, by the names of Pinpoint and SNS. Others are not repeated. */
const OTHER_CHANNELS = [
  ...["ADM", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "CUSTOM", "EMAIL", "IN_APP", "MACOS", "MACOS_SANDBOX", "MPNS"],
  ...["PUSH", "SMS", "VOICE", "WNS"],
];

export function otherChannel(name: string | undefined): Read {
  return name === undefined
    ? failed("it does not say which push service it is of")
    : leftOut(
        OTHER_CHANNELS.includes(name) ? `${name} is no channel that can be registered` : "a channel that is not known",
      );
}

/** The id that an endpoint had, if it can be a request token, else a hash of it: so it is registered once, however often it is imported. */
export function requestTokenOf(id: string): string {
  return /^[-_a-zA-Z0-9]{2,64}$/.test(id) ? id : createHash("sha256").update(id).digest("hex");
}

export function userArn(appInstanceArn: string, user: string): string {
  return `${appInstanceArn}/user/${user}`;
}
