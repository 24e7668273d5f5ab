import { ConfigError } from "../model/config-error.ts";
import type { EventsTarget } from "../model/events.ts";
import { EVENTS_SECRET_MAX_BYTES, EVENTS_SECRET_MIN_BYTES, EVENTS_SECRETS_MAX } from "../model/limits.ts";

/** As Standard Webhooks writes a secret. */
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/**
 * Where events go; undefined: nowhere. `onOneMachine` says whether this server may reach what is near to it without TLS. Throws
 * ConfigError, which never repeats an address or a secret: both may let somebody in.
 */
export function readEventsTarget(
  { EVENTS_URL, EVENTS_SECRETS, DEVICES }: Partial<Record<"EVENTS_URL" | "EVENTS_SECRETS" | "DEVICES", string>>,
  onOneMachine: boolean,
): EventsTarget | undefined {
  for (const [name, value] of Object.entries({ EVENTS_URL, EVENTS_SECRETS })) {
    if (value && !DEVICES) {
      throw new ConfigError(`${name} needs DEVICES`);
    }
  }
  const keys = EVENTS_SECRETS ? keysIn(EVENTS_SECRETS) : undefined;
  if (!EVENTS_URL) {
    return undefined;
  }
  if (keys === undefined) {
    throw new ConfigError("EVENTS_URL needs EVENTS_SECRETS");
  }
  return { url: urlIn(EVENTS_URL, onOneMachine), keys };
}

function urlIn(text: string, onOneMachine: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && onOneMachine && isNear(url.hostname));
  if (url === undefined || !isSafe || url.username !== "" || url.password !== "") {
    const near = onOneMachine ? ", or with http:// and a loopback or private address" : "";
    throw new ConfigError(`EVENTS_URL must be a URL that begins with https://${near}, without user name and password`);
  }
  return url.href;
}

/** Loopback and private addresses, as a parsed URL spells them. Not link-local ones: there clouds keep credentials. */
function isNear(hostname: string): boolean {
  return (
    /^(?:localhost|\[::1\]|\[f[cd][\da-f]{2}:.*\])$/.test(hostname) ||
    /^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){1,3}$/.test(hostname)
  );
}

function keysIn(text: string): Uint8Array[] {
  const keys = listIn(text).map(keyIn);
  if (keys.length === 0 || keys.length > EVENTS_SECRETS_MAX || keys.includes(undefined)) {
    const bytes = `${EVENTS_SECRET_MIN_BYTES} to ${EVENTS_SECRET_MAX_BYTES} bytes`;
    throw new ConfigError(
      `EVENTS_SECRETS must be a JSON list of 1 to ${EVENTS_SECRETS_MAX} texts, each whsec_ and the base64 of ${bytes}`,
    );
  }
  return keys as Uint8Array[];
}

function listIn(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function keyIn(secret: unknown): Uint8Array | undefined {
  const base64 = typeof secret === "string" ? SECRET.exec(secret)?.[1] : undefined;
  if (base64 === undefined || base64.length % 4 !== 0) {
    return undefined;
  }
  const key = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return key.length < EVENTS_SECRET_MIN_BYTES || key.length > EVENTS_SECRET_MAX_BYTES ? undefined : key;
}
