import { DurableObject, tracing } from "cloudflare:workers";
import { hash } from "node:crypto";

/**
 * The bare steps: each thing that the contract asks of a register call, done once and with nothing around it. One operation,
 * one key, one constraint, two rules, and whatever is not as it should be is a bug. What Rollcall takes beyond this is the
 * price of the rest, and of how it is written.
 */
export interface BareWire {
  readonly name: "rest" | "connect";
  /** What it answers with. */
  readonly contentType: string;
  readonly successStatus: number;
  /** For whom the caller may register, by the one key that there is: the end of a user's ARN. Undefined: it was made with another. */
  authenticate(request: Request, path: string, body: Uint8Array): Promise<string | undefined>;
  read(body: Uint8Array, path: string): Registration;
  accepted(arn: string, endpointId: string): BodyInit;
  readonly refused: { readonly unauthenticated: Refusal; readonly invalid: Refusal };
}

/** With explanations as long as Rollcall's. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Registration {
  readonly arn: string;
  /** Undefined: none that there is. */
  readonly type: string | undefined;
  readonly resourceArn: string;
  readonly deviceToken: string;
  readonly clientRequestToken: string;
}

interface Env {
  readonly APP_INSTANCE_USER: DurableObjectNamespace<AppInstanceUser>;
  readonly DIRECTORY: DurableObjectNamespace<Directory>;
}

/** A Worker that takes registrations over one wire, and may tell a second object who has the device now. */
export function bareWorker(wire: BareWire, { tells = false } = {}) {
  const refuse = (requestId: string, { status, headers = {}, body }: Refusal) =>
    answer(requestId, wire.name, status, { ...headers, "content-type": "application/json" }, JSON.stringify(body));
  return {
    async fetch(request: Request, { APP_INSTANCE_USER, DIRECTORY }: Env): Promise<Response> {
      if (request.url.endsWith("/health")) {
        return new Response("ok");
      }
      const requestId = crypto.randomUUID();
      const span = tracing.getActiveSpan();
      if (span?.isTraced) {
        span.setAttributes({ ...HIDDEN, "rollcall.request_id": requestId });
      }
      const body = await request.bytes();
      const { pathname } = new URL(request.url);
      const caller = await wire.authenticate(request, pathname, body);
      if (caller === undefined) {
        return refuse(requestId, wire.refused.unauthenticated);
      }
      const registration = wire.read(body, pathname);
      if (registration.type === undefined) {
        return refuse(requestId, wire.refused.invalid);
      }
      if (!registration.arn.endsWith(caller)) {
        throw new Error("everybody calls for themselves here");
      }
      const user = APP_INSTANCE_USER.getByName(hash("sha256", registration.arn));
      const endpointId = await user.register(registration);
      if (tells) {
        const device = hash(
          "sha256",
          JSON.stringify([registration.resourceArn, registration.deviceToken]),
          "base64url",
        );
        // As many shards as Rollcall has.
        await DIRECTORY.getByName(device.charAt(0)).hold(device, registration.arn, endpointId);
      }
      const accepted = wire.accepted(registration.arn, endpointId);
      return answer(requestId, wire.name, wire.successStatus, { "content-type": wire.contentType }, accepted);
    },
  };
}

const HIDDEN = { "url.full": "hidden", "url.path": "hidden", "url.query": "hidden" };

/** With a line in the log, and the headers that every answer has. */
function answer(
  requestId: string,
  wire: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: BodyInit,
): Response {
  console.log(
    JSON.stringify({ event: "request", requestId, operation: "RegisterAppInstanceUserEndpoint", wire, status }),
  );
  return new Response(body, {
    status,
    headers: {
      ...{ "cache-control": "no-store", "x-content-type-options": "nosniff" },
      ...{ "x-amzn-requestid": requestId, date: new Date().toUTCString() },
      ...headers,
    },
  });
}

interface Row {
  readonly deviceToken: string;
  readonly clientRequestToken: string;
}

export class AppInstanceUser extends DurableObject {
  register({ type, resourceArn, deviceToken, clientRequestToken }: Registration): string {
    const rows = Array.from(this.ctx.storage.kv.list<Row>({ prefix: "endpoint/" }));
    if (rows.some(([, row]) => row.clientRequestToken === clientRequestToken || row.deviceToken === deviceToken)) {
      throw new Error("every registration is a new one here");
    }
    const id = crypto.randomUUID();
    const now = Date.now();
    this.ctx.storage.kv.put(`endpoint/${id}`, {
      ...{ version: 1, state: "live", type, resourceArn, deviceToken },
      ...{ allowMessages: "ALL", clientRequestToken, createdAt: now, lastUpdatedAt: now },
      fingerprint: hash("sha256", JSON.stringify([type, resourceArn, deviceToken, null, null, "ALL"]), "base64url"),
    });
    return id;
  }
}

export class Directory extends DurableObject {
  hold(device: string, userArn: string, endpointId: string): void {
    const { kv } = this.ctx.storage;
    if (Array.from(kv.list({ prefix: `holder/${device}/` })).length > 0) {
      throw new Error("every device is a new one here");
    }
    kv.put(`holder/${device}/${hash("sha256", userArn)}`, { version: 1, userArn, endpointId, at: Date.now() });
  }
}
