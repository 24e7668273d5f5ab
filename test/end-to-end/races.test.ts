import { describe, expect, it } from "vitest";
import { bearerOf } from "../support/credentials.ts";
import { awsRegistration, freshUserArn } from "../support/requests.ts";
import { serve } from "../support/server.ts";

const USERS = 200;
const CALLS = 16;
const server = serve();

interface Answer {
  readonly status: number;
  readonly body: { readonly EndpointId?: string; readonly message?: string };
}

async function register(arn: string, changes: Record<string, unknown>): Promise<Answer> {
  const { AppInstanceUserArn: _, ...body } = awsRegistration(changes);
  const response = await fetch(`${server.url}/app-instance-users/${encodeURIComponent(arn)}/endpoints`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(await bearerOf(arn)) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

/** The answers to CALLS parallel calls for each of USERS fresh users. */
async function race(changes: (call: number) => Record<string, unknown>): Promise<Answer[][]> {
  const answers: Answer[][] = [];
  for (let user = 0; user < USERS; user++) {
    const arn = freshUserArn();
    answers.push(await Promise.all(Array.from({ length: CALLS }, (_, call) => register(arn, changes(call)))));
  }
  return answers;
}

describe(`${USERS} fresh users with ${CALLS} parallel calls each`, () => {
  it("get one endpoint each from identical calls, and every call answers it", async () => {
    const answers = await race(() => ({}));
    expect(answers.flat().map(({ status }) => status)).toEqual(Array(USERS * CALLS).fill(201));
    const idsByUser = answers.map((calls) => new Set(calls.map(({ body }) => body.EndpointId)));
    expect(idsByUser.map((ids) => ids.size)).toEqual(Array(USERS).fill(1));
    expect(new Set(idsByUser.flatMap((ids) => [...ids])).size).toBe(USERS);
  });

  it("get one endpoint each from different request tokens for one device, and the others are told which", async () => {
    const answers = await race((call) => ({ ClientRequestToken: `request-${call}` }));
    for (const calls of answers) {
      const [created, ...more] = calls.filter(({ status }) => status === 201);
      const conflicts = calls.filter(({ status }) => status === 409);
      expect(more).toEqual([]);
      expect(conflicts).toHaveLength(CALLS - 1);
      expect(conflicts.every(({ body }) => body.message?.includes(created?.body.EndpointId ?? "none"))).toBe(true);
    }
  });
});
