import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../../src/worker/config.ts";
import type { UserNamespace } from "../../../../src/worker/model/user-rpcs.ts";
import { objectName } from "../../../../src/worker/objects/place.ts";
import { callUser } from "../../../../src/worker/transport/users/call-user.ts";
import { listing } from "../../../support/requests.ts";

const OK = { kind: "ok", response: {} };

/** Where a call for a user goes: the jurisdiction, the object's name, and the options of the stub. */
async function placeOf(arn: string, variables: Record<string, string> = {}) {
  const places: unknown[] = [];
  const namespace = (jurisdiction: string): unknown => ({
    jurisdiction: namespace,
    getByName: (name: string, options: unknown) => {
      places.push({ jurisdiction, name, options });
      return { listAppInstanceUserEndpoints: async () => OK };
    },
  });
  const users = namespace("none") as UserNamespace;
  const request = listing({ appInstanceUserArn: arn });
  const call = { rpc: "listAppInstanceUserEndpoints", arn, request } as const;
  await callUser(users, readConfig(variables).placement, objectName(arn), call);
  return places;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("a user's object", () => {
  const arn = "arn:aws:chime:eu-central-1:1:app-instance/a/user/zoë";

  it("is named by the hash of the ARN as it was sent, and placed by nothing else", async () => {
    expect(await placeOf(arn)).toEqual([{ jurisdiction: "none", name: sha256(arn), options: undefined }]);
  });

  it("is where the configuration places the ARN's region", async () => {
    const variables = { JURISDICTIONS: "eu-central-1=eu", LOCATION_HINTS: "us-east-1=enam,eu-central-1=weur" };
    const name = sha256(arn);
    expect(await placeOf(arn, variables)).toEqual([{ jurisdiction: "eu", name, options: { locationHint: "weur" } }]);
    const american = arn.replace("eu-central-1", "us-east-1");
    expect(await placeOf(american, variables)).toEqual([
      { jurisdiction: "none", name: sha256(american), options: { locationHint: "enam" } },
    ]);
    expect(await placeOf("arn:aws:chime:::x", variables)).toMatchObject([{ jurisdiction: "none", options: undefined }]);
  });
});
