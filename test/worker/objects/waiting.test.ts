import { expect, it } from "vitest";
import { noteWaiting, waitingInAll } from "../../../src/worker/objects/waiting.ts";

it("what waits in all shards is as each said last, and the oldest event is that of all", () => {
  const others = waitingInAll();
  noteWaiting("first", { losers: 7, events: 7, since: 1, bytes: 7 });
  noteWaiting("first", { losers: 1, events: 2, since: 30, bytes: 100 });
  noteWaiting("second", { losers: 2, events: 1, since: 20, bytes: 200 });
  noteWaiting("third", { losers: 0, events: 0, since: undefined, bytes: 300 });
  expect(waitingInAll()).toEqual({
    losers: others.losers + 3,
    events: others.events + 3,
    since: 20,
    bytes: others.bytes + 600,
  });

  for (const shard of ["first", "second", "third"]) {
    noteWaiting(shard, { losers: 0, events: 0, since: undefined, bytes: 0 });
  }
  expect(waitingInAll()).toEqual(others);
});
