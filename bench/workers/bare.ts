import { DurableObject, tracing } from "cloudflare:workers";
import { hash } from "node:crypto";
import { LOCAL_SECRET_ACCESS_KEY } from "../../src/worker/auth/local-principals.ts";
import { isSignedWith } from "../../src/worker/auth/sigv4/signing-key.ts";

/**
 * The bare steps: each thing that the contract asks of a register call over REST, done once and with nothing around it.
 * One operation, one key, one constraint, two rules, and whatever is not as it should be is a bug. What Rollcall takes
 * beyond this is the price of the rest, and of how it is written.
 */
export default {
  async fetch(request: Request, { APP_INSTANCE_USER }: { APP_INSTANCE_USER: DurableObjectNamespace<AppInstanceUser> }) {
    if (request.url.endsWith("/health")) {
      return new Response("ok");
    }
    const requestId = crypto.randomUUID();
    const hidden = { "url.full": "hidden", "url.path": "hidden", "url.query": "hidden" };
    tracing.getActiveSpan()?.setAttributes({ ...hidden, "rollcall.request_id": requestId });
    const body = await request.bytes();
    const { pathname } = new URL(request.url);
    if (!(await isSigned(request, pathname, body))) {
      return answer(requestId, 401, { Code: "Unauthorized", Message: EXPLANATION, message: EXPLANATION });
    }
    const registration = JSON.parse(utf8.decode(body)) as Registration;
    if (!TYPES.has(registration.Type)) {
      return answer(requestId, 400, { Code: "BadRequest", Message: EXPLANATION, message: EXPLANATION });
    }
    const arn = decodeURIComponent(pathname.split("/")[2] ?? "");
    const user = APP_INSTANCE_USER.getByName(hash("sha256", arn));
    return answer(requestId, 201, { AppInstanceUserArn: arn, EndpointId: await user.register(registration) });
  },
};

interface Registration {
  readonly Type: string;
  readonly ResourceArn: string;
  readonly EndpointAttributes: { readonly DeviceToken: string };
  readonly ClientRequestToken: string;
}

interface Row {
  readonly deviceToken: string;
  readonly clientRequestToken: string;
}

export class AppInstanceUser extends DurableObject {
  register({ Type, ResourceArn, EndpointAttributes, ClientRequestToken }: Registration): string {
    const { DeviceToken } = EndpointAttributes;
    const rows = Array.from(this.ctx.storage.kv.list<Row>({ prefix: "endpoint/" }));
    if (rows.some(([, row]) => row.clientRequestToken === ClientRequestToken || row.deviceToken === DeviceToken)) {
      throw new Error("every registration is a new one here");
    }
    const id = crypto.randomUUID();
    const now = Date.now();
    this.ctx.storage.kv.put(`endpoint/${id}`, {
      ...{ version: 1, state: "live", type: Type, resourceArn: ResourceArn, deviceToken: DeviceToken },
      ...{ allowMessages: "ALL", clientRequestToken: ClientRequestToken, createdAt: now, lastUpdatedAt: now },
      fingerprint: hash("sha256", JSON.stringify([Type, ResourceArn, DeviceToken, null, null, "ALL"]), "base64url"),
    });
    return id;
  }
}

const TYPES = new Set(["APNS", "APNS_SANDBOX", "GCM"]);
const EXPLANATION =
  "As long as what Rollcall explains: what was expected, in which member, and what the caller can do.";
const AUTHORIZATION = /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** By the key of local mode for everything. */
async function isSigned({ method, headers }: Request, path: string, body: Uint8Array): Promise<boolean> {
  const [, scope = "", names = "", signature = ""] = AUTHORIZATION.exec(headers.get("authorization") ?? "") ?? [];
  const canonical = [
    ...[method, path.split("/").map(encodeURIComponent).join("/"), ""],
    ...names.split(";").map((name) => `${name}:${headers.get(name)}`),
    ...["", names, hash("sha256", body)],
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, hash("sha256", canonical)].join("\n");
  const [date = "", region = "", service = "", terminator = ""] = scope.split("/");
  const signed = { scope: [date, region, service, terminator], bytes: Uint8Array.fromHex(signature) } as const;
  return isSignedWith(LOCAL_SECRET_ACCESS_KEY, signed, text, true);
}

function answer(requestId: string, status: number, body: Readonly<Record<string, string>>): Response {
  console.log(
    JSON.stringify({ event: "request", requestId, operation: "RegisterAppInstanceUserEndpoint", wire: "rest", status }),
  );
  const headers = { "x-amzn-requestid": requestId, date: new Date().toUTCString(), "content-type": "application/json" };
  return new Response(JSON.stringify(body), { status, headers });
}

/** wrangler.toml binds one. Nobody asks it here. */
export class Directory extends DurableObject {}
