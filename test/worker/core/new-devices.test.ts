import { describe, expect, it } from "vitest";
import { decideDeregister } from "../../../src/worker/core/deregister.ts";
import { nextEndpointId, RANDOM_BYTES } from "../../../src/worker/core/endpoint-id.ts";
import { countNewDevices } from "../../../src/worker/core/new-devices.ts";
import { decideRegister } from "../../../src/worker/core/register.ts";
import { decideLoss } from "../../../src/worker/core/take.ts";
import { decideUpdate } from "../../../src/worker/core/update.ts";
import type { Changes } from "../../../src/worker/model/changes.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { DEVICES_PER_DAY, ENDPOINTS_PER_USER_MAX } from "../../../src/worker/model/limits.ts";
import { deregistering, device, updating } from "../../support/requests.ts";
import { applied, NOW, RULES } from "../../support/rows.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A user who names devices, as the object counts them. */
class Collector {
  now = NOW;
  rows: Row[] = [];
  #made = 0;

  get first(): string {
    return this.rows[0]?.endpointId ?? "";
  }

  register(n = this.#made++, requestToken = `request-${n}`) {
    return this.#apply(
      decideRegister(this.rows, device(n, { clientRequestToken: requestToken }), {
        ...RULES,
        adopts: true,
        now: this.now,
        endpointsMax: ENDPOINTS_PER_USER_MAX,
        newId: (after) => nextEndpointId(after, this.now, new Uint8Array(RANDOM_BYTES)),
      }),
    );
  }

  rotate(endpointId = this.first) {
    const endpointAttributes = { deviceToken: `rotated-${this.#made++}` };
    const row = this.rows.find((found) => found.endpointId === endpointId);
    return this.#apply(decideUpdate(row, updating(endpointId, { endpointAttributes }), this.now, () => this.rows));
  }

  rename() {
    return this.#apply(decideUpdate(this.rows[0], updating(this.first, { name: `${this.now}` }), this.now, () => []));
  }

  deregister(endpointId = this.first) {
    return this.#apply(decideDeregister(this.rows, deregistering(endpointId), this.now));
  }

  /** Another user takes the first device. */
  lose() {
    const { newer: _, ...changes } = decideLoss(
      this.rows,
      { appInstanceArn: "", device: "any", lostAt: this.now },
      () => "any",
      this.now,
    );
    this.rows = applied(this.rows, changes);
  }

  /** How many are allowed until one is refused, and what that is told to wait. */
  untilRefused(call: () => ReturnType<Collector["rotate"]>) {
    for (let allowed = 0; ; allowed++) {
      const refusal = call();
      if (refusal !== undefined) {
        return { allowed, ...refusal };
      }
      this.now++;
    }
  }

  #apply(changes: Changes) {
    const counted = countNewDevices(changes, {
      before: (id) => this.rows.find(({ endpointId }) => endpointId === id),
      loadAll: () => this.rows,
      now: this.now,
    });
    if ("kind" in counted) {
      return counted.kind === "throttled"
        ? { reason: counted.reason, retryAfterMs: counted.retryAfterMs }
        : { reason: counted.reason, retryAfterMs: Number.NaN };
    }
    this.rows = applied(this.rows, counted);
    this.now++;
    return undefined;
  }
}

describe("devices that are new to a user", () => {
  it("are a hundred a day by registrations, and one more after the time that is named", () => {
    const user = new Collector();
    const refused = user.untilRefused(() => user.register());
    expect(refused).toMatchObject({ allowed: DEVICES_PER_DAY, reason: "TOO_MANY_DEVICES" });
    user.now += refused.retryAfterMs - 1;
    expect(user.register()).toMatchObject({ retryAfterMs: 1 });
    user.now += 1;
    expect(user.register()).toBeUndefined();
    expect(user.register()).toMatchObject({ reason: "TOO_MANY_DEVICES" });
  });

  it("are a hundred a day by rotations of one endpoint, the hundred and first is refused", () => {
    const user = new Collector();
    user.register();
    const refused = user.untilRefused(() => user.rotate());
    expect(refused).toMatchObject({ allowed: DEVICES_PER_DAY - 1, reason: "TOO_MANY_DEVICES" });
    expect(refused.retryAfterMs).toBeLessThanOrEqual(DAY_MS);
    user.now += DAY_MS;
    expect(user.rotate()).toBeUndefined();
  });

  it("are a hundred in any day, wherever it begins", () => {
    const user = new Collector();
    user.register();
    user.rotate();
    user.now += DAY_MS - 1_000;
    expect(user.untilRefused(() => user.rotate())).toMatchObject({ allowed: DEVICES_PER_DAY - 2 });
    // The first two are a day ago, and the others are not.
    user.now = NOW + DAY_MS + 10;
    expect(user.untilRefused(() => user.rotate())).toMatchObject({ allowed: 2 });
  });

  it("are remembered for a day, and no longer", () => {
    const user = new Collector();
    user.register();
    user.rotate();
    user.now += DAY_MS;
    user.rotate();
    expect(user.rows).toMatchObject([{ rotations: [user.now - 1] }]);
  });

  it("count together, and stay counted when endpoints are deregistered", () => {
    const user = new Collector();
    for (let n = 0; n < 4; n++) {
      user.register();
      const endpointId = user.rows.at(-1)?.endpointId ?? "";
      for (let rotations = 0; rotations < 24; rotations++) {
        expect(user.rotate(endpointId)).toBeUndefined();
      }
      user.deregister(endpointId);
    }
    expect(user.register()).toMatchObject({ reason: "TOO_MANY_DEVICES" });
  });

  it("count where they are taken back, and not where nothing is new", () => {
    const user = new Collector();
    user.register(1);
    for (let n = 0; n < DEVICES_PER_DAY - 1; n++) {
      user.lose();
      expect(user.register(1, n % 2 === 0 ? "request-1" : `again-${n}`)).toBeUndefined();
    }
    expect(user.rename()).toBeUndefined();
    expect(user.register(1)).toBeUndefined();
    user.lose();
    expect(user.register(1)).toMatchObject({ reason: "TOO_MANY_DEVICES" });
    expect(user.deregister()).toBeUndefined();
  });

  it("count where a call that wrote nothing is written after all, for another user has the device", () => {
    const user = new Collector();
    user.register();
    const [row] = user.rows as [Row];
    const known = { before: () => row, loadAll: () => user.rows, now: user.now };
    expect(countNewDevices({ put: [row] }, known)).toEqual({ put: [row] });
    expect(countNewDevices({ put: [row] }, { ...known, isTaken: true })).toMatchObject({
      put: [{ rotations: [user.now] }],
    });
  });
});
