import { afterEach, describe, expect, it } from "vitest";
import { deleting, reporting } from "../../support/requests.ts";
import { configure, freshUser, registerDevice } from "../../support/user-object.ts";

const DEVICES = { SAME_DEVICE: "adopt", DEVICES: "move" };
const EVENTS = {
  EVENTS_URL: "https://receiver.example.com/hook",
  EVENTS_SECRETS: JSON.stringify([`whsec_${btoa("s".repeat(32))}`]),
};

let unconfigure = () => {};
afterEach(() => unconfigure());

describe("what the Directory hears of a dead token, and of a user who was erased", () => {
  it.each([
    ["is nothing but what is released, where nobody is sent events", {}, [], ["release"]],
    ["is told for events, where they are sent", EVENTS, ["note"], ["release", "erased"]],
  ])("%s", async (_, events, ofFailure, ofErasure) => {
    unconfigure = configure({ ...DEVICES, ...events });
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    const failure = { endpointId, deviceToken: "device-1", reason: "UNREGISTERED", at: Date.now() + 1_000 };
    const failed = await user.reportAppInstanceUserEndpointFailures(reporting(failure));
    expect(kindsOf(failed)).toEqual(ofFailure);
    expect(kindsOf(await user.deleteAppInstanceUser(deleting()))).toEqual(ofErasure);
  });
});

function kindsOf(answer: { heard?: { tells: readonly { kind: string }[] } } | object): string[] | undefined {
  return "heard" in answer ? answer.heard?.tells.map(({ kind }) => kind) : undefined;
}
