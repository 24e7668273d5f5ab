/** The short form of every attack: see attacks.ts. */
import { describe, expect, it } from "vitest";
import { ATTACKS } from "../../torture/attacks.ts";
import { WORKER_BUNDLE } from "../support/build.ts";

/** Another one each time, so that each time something else is tried. */
const SEED = String(Date.now());

const SHORT = ATTACKS.filter(({ shortRounds }) => shortRounds > 0);

describe.each(SHORT)("the attack $name", ({ name, shortRounds, unfit, round }) => {
  const unfitFor = unfit?.();
  const rounds = Array.from({ length: shortRounds }, (_, n) => n);
  it.for(rounds)("breaks no promise, round %i", { timeout: 600_000 }, async (n, { skip }) => {
    skip(unfitFor !== undefined, unfitFor);
    const { counts, losses } = await round(`${SEED}/${name}/${n}`, WORKER_BUNDLE);
    console.log(`${name} ${n}: ${JSON.stringify(counts)}`);
    expect(losses, `To repeat it: npm run torture -- --seed ${SEED} --only ${name} --round ${n}`).toEqual([]);
  });
});
