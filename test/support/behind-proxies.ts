/** A server and a gateway as they stand behind a proxy, and calls through it. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "./build.ts";
import { DEPLOYED_VARIABLES } from "./credentials.ts";
import { gatewayTo } from "./gateway.ts";
import { CA, type Upstreams } from "./proxies.ts";
import { RESOURCE_ARN } from "./requests.ts";
import { restRegister, send, type WireRequest } from "./wire.ts";

/** Both, while the tests of a file run. Clients of this process trust the certificate of the proxies. */
export function behindProxies(): { readonly workerd: Workerd; readonly upstreams: Upstreams } {
  let workerd: Workerd;
  beforeAll(async () => {
    setDefaultCACertificates([...getCACertificates("default"), CA.toString()]);
    workerd = await startTemporaryWorkerd(WORKER_BUNDLE, {
      variables: { LOCAL_MODE: "false", OWN_HOSTS: "localhost", ...DEPLOYED_VARIABLES },
    });
  });
  // It calls the server by a name of it.
  const gateway = gatewayTo(() => workerd.url.replace("127.0.0.1", "localhost"));
  afterAll(() => workerd.stop());
  return {
    get workerd() {
      return workerd;
    },
    get upstreams() {
      return { serve: workerd.url, gateway: gateway.url };
    },
  };
}

export function registration(appInstanceUserArn: string) {
  return {
    ...{ appInstanceUserArn, resourceArn: RESOURCE_ARN, type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM" },
    ...{ endpointAttributes: { deviceToken: "token" }, clientRequestToken: "request" },
  };
}

/** As base64 has it, which HTTP/2 hardly packs. */
export function longToken(bytes: number): string {
  return `Bearer ${Buffer.from(Array.from({ length: bytes }, (_, n) => (n * 7_919) % 256))
    .toString("base64")
    .slice(0, bytes)}`;
}

export function withBearer(request: WireRequest, authorization: string): WireRequest {
  return { ...request, headers: { ...request.headers, authorization } };
}

export function ofLength(length: number): WireRequest {
  const request = restRegister();
  return { ...request, body: String(request.body).padEnd(length, " ") };
}

export function sendFrom(url: string, origin: string) {
  const request = restRegister();
  return send(url, { ...request, headers: { ...request.headers, origin } });
}
