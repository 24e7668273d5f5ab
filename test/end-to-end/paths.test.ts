import { existsSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { signedHeaders } from "../support/credentials.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { serve } from "../support/server.ts";

const wrangler = serve();
let workerd: Workerd | undefined;
beforeAll(async () => {
  workerd = await startTemporaryWorkerd(WORKER_BUNDLE);
});
afterAll(() => workerd?.stop());

/** Registers, unless another method is given, with a path sent byte for byte: fetch would resolve dot segments before sending. */
async function register(url: string, path: string, method = "POST"): Promise<{ status: number; arn?: string }> {
  const registration = JSON.stringify({
    Type: "GCM",
    ResourceArn: RESOURCE_ARN,
    EndpointAttributes: { DeviceToken: "device-1" },
    ClientRequestToken: "request-1",
  });
  const body = method === "POST" ? registration : "";
  const unsigned = { method, headers: { "content-type": "application/json" }, body };
  const headers = await signedHeaders(url + path, unsigned);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; arn?: string }>();
  const request = httpRequest(url, { method, path, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => {
      const { AppInstanceUserArn } = JSON.parse(Buffer.concat(chunks).toString() || "{}");
      resolve({ status: response.statusCode ?? 0, ...(AppInstanceUserArn && { arn: AppInstanceUserArn }) });
    });
  });
  request.on("error", reject);
  request.end(body);
  return await promise;
}

const USER = "arn:aws:chime:us-east-1:1:app-instance/a/user/bob";
const escaped = encodeURIComponent(USER);

describe.each([
  ["wrangler", () => wrangler.url],
  ["bare workerd", () => workerd?.url ?? ""],
])("a path, on %s", (_, url) => {
  it.each([
    [`/app-instance-users/${escaped}/endpoints`, USER],
    [`/app-instance-users/${USER}/endpoints`, USER],
    [`/app-instance-users/${escaped}%20%2B%25%40%27(!)*/endpoints`, `${USER} +%@'(!)*`],
    [`/app-instance-users/${escaped}%252F%2525/endpoints`, `${USER}%2F%25`],
    [`/app-instance-users/${escaped}%C3%A9%F0%9F%98%80/endpoints`, `${USER}é😀`],
    // A literal plus is a plus: only forms take it for a space.
    [`/app-instance-users/${escaped}+x/endpoints`, `${USER}+x`],
    // A user id may be dots: in one segment with the rest of its ARN it is no dot segment.
    [
      "/app-instance-users/arn%3Aaws%3Achime%3Aus-east-1%3A1%3Aapp-instance%2Fa%2Fuser%2F../endpoints",
      "arn:aws:chime:us-east-1:1:app-instance/a/user/..",
    ],
  ])("%s names the user %s", async (path, arn) => {
    expect(await register(url(), path)).toEqual({ status: 201, arn });
  });

  it.each([
    [`/app-instance-users/${escaped}%zz/endpoints`, 400],
    [`/app-instance-users/${escaped}%/endpoints`, 400],
    [`/app-instance-users/${escaped}%c0%ae/endpoints`, 400],
    [`/app-instance-users/${escaped}%0a/endpoints`, 400],
    [`/app-instance-users//endpoints`, 404],
    [`//app-instance-users/${escaped}/endpoints`, 404],
    [`/app-instance-users/${escaped}/endpoints/`, 404],
    [`/app-instance-users/${escaped}/../endpoints`, 404],
    [`/app-instance-users/${escaped}/%2e%2e/endpoints`, 404],
    ["/app-instance-users/arn:aws:chime:us-east-1:1:app-instance/a/user/../endpoints", 404],
  ])("%s answers %d", async (path, status) => {
    expect(await register(url(), path)).toEqual({ status });
  });

  // botocore sends the endpoint id ".." as it is, and a path's dots are resolved before anybody sees it.
  it.each([
    [`/app-instance-users/${escaped}/`, 404],
    [`/app-instance-users/${escaped}/endpoints`, 405],
    [`/app-instance-users/${escaped}/endpoints/`, 404],
    [`/app-instance-users/${escaped}/endpoints/..`, 404],
    [`/app-instance-users/${USER}/endpoints/..`, 404],
    [`/app-instance-users/${escaped}/../endpoints`, 404],
    [`/app-instance-users/${escaped}%2Fendpoints%2F../`, 404],
    [`/app-instance-users/${escaped}`, 204],
  ])("DELETE %s answers %d", async (path, status) => {
    const endpoints = `/app-instance-users/${escaped}/endpoints`;
    await register(url(), endpoints);
    expect(await register(url(), path, "DELETE")).toEqual({ status });
    // The request token of an endpoint that was erased is refused.
    expect((await register(url(), endpoints)).status).toBe(status === 204 ? 409 : 201);
  });
});

describe.skipIf(!existsSync("/proc/self/stat"))("a path of 64 kB that is none (seen in Linux's /proc)", () => {
  /** Of the server, in hundredths of a second. */
  function processorTime(): number {
    const [utime = "", stime = ""] = readFileSync(`/proc/${workerd?.process.pid}/stat`, "utf8").split(" ").slice(13);
    return Number(utime) + Number(stime);
  }

  it("takes no more of the processor than it is worth, whatever is in it", async () => {
    const timeOf = async (path: string) => {
      const before = processorTime();
      for (let call = 0; call < 50; call++) {
        expect((await fetch(`${workerd?.url}/x/${path}`)).status).toBe(404);
      }
      return processorTime() - before;
    };
    const length = 60_000;
    expect(await timeOf(`${"arn:".repeat(length / 4)}%2f`)).toBeLessThan(30 + 2 * (await timeOf("x".repeat(length))));
  });
});
