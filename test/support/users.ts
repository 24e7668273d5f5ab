import type { UserNamespace } from "../../src/worker/model/user-rpcs.ts";

/** A namespace whose every object answers an operation with `answer`, which may throw. */
export function usersThat(answer: (request: unknown) => unknown): { users: UserNamespace; calls: () => number } {
  let calls = 0;
  const stub = new Proxy(
    {},
    {
      get: () => async (request: unknown) => {
        calls++;
        return answer(request);
      },
    },
  );
  const users = { getByName: () => stub } as unknown as UserNamespace;
  return { users, calls: () => calls };
}

/** An error as the Durable Objects runtime throws it. */
export function runtimeError(marks: {
  retryable?: boolean;
  overloaded?: boolean;
  durableObjectReset?: boolean;
}): Error {
  return Object.assign(new Error("the runtime's own words"), marks);
}
