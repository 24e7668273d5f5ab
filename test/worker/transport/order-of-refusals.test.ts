import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ALICE_ACCESS_KEY_ID, ALICE_SECRET_ACCESS_KEY } from "../../../src/worker/auth/local-principals.ts";
import { BODY_MAX_BYTES } from "../../../src/worker/model/limits.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import { ask } from "../../support/ask.ts";
import { localService, type Signing, signedHeaders } from "../../support/credentials.ts";
import { usersThat } from "../../support/users.ts";
import { connectRegister, restRegister, type WireRequest } from "../../support/wire.ts";

/** A call and the server that it meets. */
interface Situation {
  request: WireRequest;
  /** How it is signed. */
  signing: Signing;
  isThrottled: boolean;
}

/** One thing that is wrong, and the status by which each wire tells it. */
interface Fault {
  readonly name: string;
  readonly rest: number;
  readonly connect: number;
  readonly apply: (situation: Situation) => Situation;
}

const withRequest = (change: (request: WireRequest) => Partial<WireRequest>) => (situation: Situation) => ({
  ...situation,
  request: { ...situation.request, ...change(situation.request) },
});

const withSigning = (signing: Signing) => (situation: Situation) => ({
  ...situation,
  signing: { ...situation.signing, ...signing },
});

const ALICE = { accessKeyId: ALICE_ACCESS_KEY_ID, secretAccessKey: ALICE_SECRET_ACCESS_KEY };

const withBody = (change: (body: string) => string) => withRequest(({ body }) => ({ body: change(String(body)) }));

/** In the order in which a caller meets them. The body's faults build on each other from the last to the first. */
const FAULTS: readonly Fault[] = [
  {
    name: "route",
    rest: 404,
    connect: 404,
    apply: withRequest(({ path }) => ({ path: path.replace(/endpoints|Register\w+/, "nowhere") })),
  },
  { name: "method", rest: 405, connect: 405, apply: withRequest(() => ({ method: "PATCH" })) },
  {
    name: "content type",
    rest: 415,
    connect: 415,
    apply: withRequest(() => ({ headers: { "content-type": "text/xml" } })),
  },
  { name: "size", rest: 413, connect: 429, apply: withBody((body) => body.padEnd(BODY_MAX_BYTES + 1)) },
  { name: "authentication", rest: 401, connect: 401, apply: withSigning({ secretAccessKey: "wrong" }) },
  {
    name: "the caller's rate",
    rest: 429,
    connect: 429,
    apply: (situation) => ({ ...situation, isThrottled: true }),
  },
  { name: "decoding", rest: 400, connect: 400, apply: withBody((body) => `{${body}`) },
  { name: "constraints", rest: 400, connect: 400, apply: withBody((body) => body.replace("request-1", "!")) },
  { name: "authorisation", rest: 403, connect: 403, apply: withSigning(ALICE) },
  { name: "the object", rest: 409, connect: 409, apply: (situation) => situation },
];

const pairs = FAULTS.flatMap((first, index) => FAULTS.slice(index + 1).map((second) => [first, second] as const));

async function answer(register: typeof restRegister, faults: readonly Fault[]) {
  const nothingWrong: Situation = { request: register(), signing: {}, isThrottled: false };
  const { request, signing, isThrottled } = faults.reduceRight(
    (situation, fault) => fault.apply(situation),
    nothingWrong,
  );
  const { users, calls } = usersThat(() => ({
    kind: "conflict",
    reason: "DEVICE_ALREADY_REGISTERED",
    endpointId: "e",
  }));
  const callerRate = { limit: async () => ({ success: !isThrottled }) };
  const app = createApp({ ...localService(), callerRate, users });
  const { method, path, body } = request;
  const headers = await signedHeaders(`http://localhost${path}`, request, signing);
  const response = await ask(app, path, { method, headers, body });
  return { status: response.status, text: await response.text(), calls: calls() };
}

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

describe.each([
  ["rest", restRegister],
  ["connect", connectRegister],
] as const)("the order of refusals over %s", (wire, register) => {
  it.each(pairs.map(([first, second]) => [first.name, second.name, first, second] as const))(
    "tells of %s before %s",
    async (_first, _second, first, second) => {
      const { status, text, calls } = await answer(register, [first, second]);
      expect(status).toBe(first[wire]);
      expect(calls).toBe(0);
      if (first.name === "decoding") {
        expect(text).toContain("can't be read");
      }
    },
  );

  it("wakes the object when nothing is wrong before it", async () => {
    const { status, calls } = await answer(register, []);
    expect({ status, calls }).toEqual({ status: 409, calls: 1 });
  });
});
