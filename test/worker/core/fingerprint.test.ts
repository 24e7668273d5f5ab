import { describe, expect, it } from "vitest";
import { fingerprint } from "../../../src/worker/core/fingerprint.ts";
import { registration } from "../../support/requests.ts";

describe("fingerprint", () => {
  // Stored fingerprints are compared for as long as an endpoint lives: these values never change.
  it.each([
    ["the least that can be asked for", {}, "1:N3HSiunOf4JgiEXXUp57sScLfPXGb58wOvH5S42vupw"],
    [
      "everything",
      {
        type: "APNS" as const,
        endpointAttributes: { deviceToken: "d\u00e9\ud83d\ude00", voipDeviceToken: "v" },
        name: "n",
        allowMessages: "NONE" as const,
      },
      "1:QDKisLsSmWnD12NnOoQV9Tz0pIdgtRL1yPweNb1-jjI",
    ],
  ])("of %s is what it always was", (_, changes, golden) => {
    expect(fingerprint(registration(changes))).toBe(golden);
  });

  it("takes absent AllowMessages for ALL", () => {
    expect(fingerprint(registration({ allowMessages: "ALL" }))).toBe(fingerprint(registration()));
  });

  it("tells an absent name from an empty one", () => {
    expect(fingerprint(registration({ name: "" }))).not.toBe(fingerprint(registration()));
  });

  it("does not depend on who registers, on the token, or on members that it does not know", () => {
    const other = { ...registration(), appInstanceUserArn: "other", clientRequestToken: "other", unknown: 1 };
    expect(fingerprint(other)).toBe(fingerprint(registration()));
  });

  it("keeps members apart: no value can pass for two", () => {
    const joined = registration({ endpointAttributes: { deviceToken: 'a","b' } });
    const apart = registration({ endpointAttributes: { deviceToken: "a", voipDeviceToken: "b" } });
    expect(fingerprint(joined)).not.toBe(fingerprint(apart));
  });
});
