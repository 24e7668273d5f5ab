/** What the environment says, read once. Errors name a variable and never its value. */
import { AppInstanceUserEndpointType, type Credentials, createRollcallClient } from "rollcall-client";
import { createApns } from "./apns.ts";
import { createFcm } from "./fcm.ts";
import type { PushService } from "./push-service.ts";
import type { SenderParts } from "./sender.ts";

const PORT_DEFAULT = 8080;

export function senderParts(): SenderParts {
  return {
    rollcall: createRollcallClient({ baseUrl: required("ROLLCALL_URL"), credentials: credentials() }),
    services: pushServices(),
    appInstanceArn: required("APP_INSTANCE_ARN"),
    resourceArn: optional("RESOURCE_ARN"),
  };
}

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Whoever has it may send. */
  readonly secret: string | undefined;
}

export function serverSettings(): ServerSettings {
  const host = optional("HOST") ?? "127.0.0.1";
  const isLocal = ["127.0.0.1", "::1", "localhost"].includes(host);
  const secret = isLocal ? optional("SENDER_SECRET") : required("SENDER_SECRET");
  return { host, port: port("PORT", PORT_DEFAULT), secret };
}

/** An access key, or a token of a principal that may resolve and report. */
function credentials(): Credentials {
  const token = optional("ROLLCALL_TOKEN");
  return (
    token ?? {
      accessKeyId: required("ROLLCALL_ACCESS_KEY_ID"),
      secretAccessKey: required("ROLLCALL_SECRET_ACCESS_KEY"),
    }
  );
}

/** Those that there are credentials for. */
function pushServices(): ReadonlyMap<AppInstanceUserEndpointType, PushService> {
  const services = new Map<AppInstanceUserEndpointType, PushService>();
  const keyFile = optional("APNS_KEY_FILE");
  if (keyFile !== undefined) {
    const settings = {
      ...{ keyFile, keyId: required("APNS_KEY_ID"), teamId: required("APNS_TEAM_ID"), topic: required("APNS_TOPIC") },
      ...{ address: optional("APNS_ADDRESS"), port: port("APNS_PORT", 443) },
    };
    services.set(AppInstanceUserEndpointType.APNS, createApns(settings, true));
    services.set(AppInstanceUserEndpointType.APNS_SANDBOX, createApns(settings, false));
  }
  // With one of them Google's libraries find the account by themselves.
  if (optional("GOOGLE_APPLICATION_CREDENTIALS") ?? optional("GOOGLE_CLOUD_PROJECT")) {
    services.set(AppInstanceUserEndpointType.GCM, createFcm());
  }
  return services;
}

function optional(name: string): string | undefined {
  return process.env[name] || undefined;
}

function required(name: string): string {
  const value = optional(name);
  if (value === undefined) {
    throw new Error(`${name} is not set.`);
  }
  return value;
}

function port(name: string, absent: number): number {
  const value = Number(optional(name) ?? absent);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new Error(`${name} is no port.`);
  }
  return value;
}
