import type {
  AppInstanceUserEndpoint,
  AppInstanceUserEndpointSummary,
  FailureEffect,
} from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { PageSettings } from "../../worker/model/page-settings.ts";
import type { registerCall } from "../shared/api/call.ts";
import type { Refusal } from "../shared/api/connect.ts";
import type { Done, Language } from "../shared/equivalents/equivalents.ts";
import { EXAMPLE_ARN, EXAMPLE_RESOURCE_ARN } from "../shared/first-call.ts";
import { madeUpDeviceToken, newRequestToken } from "../shared/made-up.ts";
import { type FailureDraft, NO_FAILURE } from "./failure.ts";
import type { Registered, Replay } from "./replay.ts";
import type { Roll } from "./roll.ts";

/** All that the page knows. It is kept in memory and nowhere else, so the caller's token goes with the tab. */
export interface State {
  readonly settings: PageSettings;
  readonly arn: string;
  /** What the caller typed; empty in local mode: a token is made for each user. */
  readonly token: string;
  readonly roll: Roll;
  /** Users that were looked up since the page was opened, the latest first. */
  readonly recent: ReadonlySet<string>;
  /** By endpoint id, what Describe told. */
  readonly described: ReadonlyMap<string, AppInstanceUserEndpoint>;
  /** The application that a sender asks for; empty: any. */
  readonly application: string;
  /** The failure that is being written, and what the last one did. */
  readonly failure: FailureDraft;
  readonly reported?: Reported | undefined;
  /** The endpoint whose token is being named, and the token that it may get. */
  readonly naming?: string | undefined;
  readonly newToken: string;
  /** The endpoint whose name is being changed. */
  readonly renaming?: string | undefined;
  /** The endpoint that is about to be deregistered. */
  readonly leaving?: AppInstanceUserEndpointSummary | undefined;
  readonly draft: Draft;
  /** The registration that succeeded last. */
  readonly registered?: Registration | undefined;
  /** What is being done just now: "look up", "register", "resolve", "report", the reason of a refusal, or an endpoint id. */
  readonly busy: ReadonlySet<string>;
  /** What was called, the latest first. */
  readonly entries: readonly Entry[];
  /** The id of the entry that is shown. */
  readonly shown?: number | undefined;
  /** The part of the page that is shown. */
  readonly part: Part;
  /** The equivalent of calls that is shown. */
  readonly language: Language;
  /** What a screen reader is told of the last thing that was done. */
  readonly said: string;
}

export type Part = "Endpoints" | "Sending" | "Errors";

/** A registration that is being written. */
export interface Draft {
  readonly type: "APNS" | "APNS_SANDBOX" | "GCM";
  readonly name: string;
  readonly resourceArn: string;
  readonly deviceToken: string;
  readonly voipDeviceToken: string;
  readonly requestToken: string;
  readonly muted: boolean;
}

/** A registration that was made, and can be made again. */
export interface Registration {
  readonly arn: string;
  readonly call: ReturnType<typeof registerCall>;
  readonly first: Registered;
  /** The id of the entry that tells of it, or of its last repeat. */
  readonly entry: number;
  /** What the last repeat came to. */
  readonly replay?: Replay;
}

/** A failure that was reported, and what it did. */
export interface Reported {
  readonly endpoint: AppInstanceUserEndpointSummary;
  readonly reason: string;
  readonly effect: FailureEffect;
  readonly isActive: boolean;
  /** The id of the entry that tells of it. */
  readonly entry: number;
}

/** A call that was made. */
export interface Entry extends Done {
  readonly id: number;
  readonly title: string;
  /** What was done to be refused. */
  readonly does?: string;
  readonly refusal?: Refusal | undefined;
  readonly replay?: Replay | undefined;
  /** What was done besides the call. */
  readonly note?: string | undefined;
}

/** The element that shows calls; links go there. */
export const WIRE_ID = "wire";

/** The element that says what became of a registration. */
export const REGISTERED_ID = "registered";

/** The one that says what a failure did. */
export const REPORTED_ID = "reported";

/** What a look-up begins with: nothing of the user before. */
export const NOTHING_OPEN = {
  ...{ application: "", failure: NO_FAILURE },
  ...{ registered: undefined, reported: undefined, naming: undefined, renaming: undefined },
} as const;

export function initialState(settings: PageSettings): State {
  const { localMode } = settings;
  return {
    settings,
    arn: localMode ? EXAMPLE_ARN : "",
    token: "",
    roll: { kind: "unknown" },
    recent: new Set(),
    described: new Map(),
    ...NOTHING_OPEN,
    newToken: madeUpDeviceToken(),
    draft: {
      ...{ type: "GCM", name: "", voipDeviceToken: "", muted: false },
      resourceArn: localMode ? EXAMPLE_RESOURCE_ARN : "",
      ...freshTokens(),
    },
    busy: new Set(),
    entries: [],
    part: "Endpoints",
    language: "AWS CLI",
    said: "",
  };
}

/** What makes a draft another registration than the one before. */
export function freshTokens(): Pick<Draft, "deviceToken" | "requestToken"> {
  return { deviceToken: madeUpDeviceToken(), requestToken: newRequestToken() };
}
