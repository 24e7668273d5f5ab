import { describe, expect, it } from "vitest";
import { AwakeUsers } from "../../../../src/worker/transport/users/awake-users.ts";

const NOW = 1_800_000_000_000;

function full(): AwakeUsers {
  const users = new AwakeUsers(2);
  expect([users.enter("a", NOW), users.enter("b", NOW + 1_000)]).toEqual([undefined, undefined]);
  return users;
}

describe("as many users as may be awake", () => {
  it("go on, while another one is told how long to wait", () => {
    const users = full();
    expect(users.enter("c", NOW + 2_000)).toEqual({
      kind: "unavailable",
      reason: "TOO_MANY_USERS",
      retryAfterMs: 10_000,
    });
    expect([users.enter("a", NOW + 3_000), users.enter("b", NOW + 3_000)]).toEqual([undefined, undefined]);
  });

  it("make way once the one that called least recently is asleep", () => {
    const users = full();
    expect(users.enter("a", NOW + 5_000)).toBeUndefined();
    expect(users.enter("c", NOW + 12_999)).toMatchObject({ retryAfterMs: 1 });
    expect(users.enter("c", NOW + 13_000)).toBeUndefined();
    expect(users.enter("b", NOW + 13_000)).toMatchObject({ retryAfterMs: 4_000 });
  });

  it("are not kept by a clock that stepped back", () => {
    expect(full().enter("c", NOW - 60_000)).toBeUndefined();
  });
});
