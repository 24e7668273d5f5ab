import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import { bearerOf, type Signing } from "../../test/support/credentials.ts";
import type { Bundles } from "../bundles.ts";
import { endpointsPath, plainRequest, restWire, type User } from "../calls/wires.ts";
import { requireStatus, type Sample, sendAll } from "../load/send-all.ts";
import { serve } from "../load/serve.ts";
import { shuffled } from "../load/shuffled.ts";
import { UNLIMITED } from "./seed.ts";

/** What a list over REST costs by who calls, and what it costs to get credentials. */
export interface Session {
  readonly call: string;
  readonly rounds: number;
  readonly cpuMicros: Quartiles;
  /** To the same list by an access key, in the same round. */
  readonly cpuRatio: Quartiles;
}

const CONNECTIONS = 8;
const BASE = "list, by an access key";

/** The same users list the same endpoints, by each kind of caller in its turn. */
export async function measureSessions(
  { rollcall }: Bundles,
  { users, rounds, tell }: { users: number; rounds: number; tell: (progress: string) => void },
): Promise<Session[]> {
  const workerd = await serve(rollcall, { variables: UNLIMITED });
  try {
    const { url } = workerd;
    const called = Array.from({ length: users }, (_, n): User => ({ arn: `${ARN}session-${n}`, endpointId: "" }));
    const sessions = new Map(
      await Promise.all(called.map(async ({ arn }) => [arn, await sessionOf(url, arn)] as const)),
    );
    const byKey = restWire(url);
    const bySession = restWire(url, ({ arn }) => sessions.get(arn) ?? {});
    const requests = await Promise.all(called.map((user) => byKey.register(user, 1)));
    requireStatus("ok", (await sendAll(workerd, requests, CONNECTIONS)).answers);

    const calls: Record<string, (user: User) => Promise<Uint8Array>> = {
      [BASE]: (user) => byKey.list(user, 1),
      "list, by a session": (user) => bySession.list(user, 1),
      "list, by a token": async (user) => plainRequest(url, endpointsPath(user), await bearerOf(user.arn)),
      "getting credentials": async (user) => plainRequest(url, "/credentials", await bearerOf(user.arn)),
    };
    const samples = new Map<string, Sample[]>(Object.keys(calls).map((name) => [name, []]));
    // The first round is one to warm up.
    for (let round = 0; round <= rounds; round++) {
      tell(`sessions, round ${round} of ${rounds}`);
      for (const [name, request] of shuffled(Object.entries(calls))) {
        const { sample, answers } = await sendAll(workerd, await Promise.all(called.map(request)), CONNECTIONS);
        requireStatus("ok", answers);
        if (round > 0) {
          samples.get(name)?.push(sample);
        }
      }
    }
    const base = samples.get(BASE) ?? [];
    return Array.from(samples, ([call, own]) => ({
      ...{ call, rounds: own.length, cpuMicros: quartiles(own.map(({ cpuMicros }) => cpuMicros)) },
      cpuRatio: quartiles(own.map(({ cpuMicros }, n) => cpuMicros / (base[n]?.cpuMicros ?? Number.NaN))),
    }));
  } finally {
    await workerd.stop();
  }
}

const ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/bench/user/";

/** What a user's calls are signed with. */
async function sessionOf(url: string, arn: string): Promise<Signing> {
  const response = await fetch(`${url}/credentials`, { headers: await bearerOf(arn) });
  const { AccessKeyId, SecretAccessKey, Token } = (await response.json()) as Record<string, string>;
  return { accessKeyId: AccessKeyId ?? "", secretAccessKey: SecretAccessKey ?? "", sessionToken: Token ?? "" };
}
