/**
 * A rolling deploy, there and back: releases take turns on the same data while users race for phones, some by an orderly stop and some by a
 * kill, with losers who have yet to be told. Each phone ends with one user, and whoever launches last has it.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Attack } from "../attack.ts";
import { names } from "./app.ts";
import { EARLIER, earlierBundle, noEarlier } from "./earlier.ts";
import { endWith, lastLaunches, somebody } from "./holders.ts";
import { MOVE } from "./serving.ts";
import { type Played, withApp } from "./with-app.ts";

const USERS = 8;
const PHONES = 5;
const DEPLOYS = 4;
const DEPLOY_MS = { min: 20, max: 400 };

export const releases: Attack = {
  name: "releases",
  shortRounds: 1,
  weight: 1,
  unfit: noEarlier,
  round: (seed, bundle) => withApp(seed, (played) => round(played, bundle)),
};

async function round({ app, serving, random, tally }: Played, bundle: string): Promise<void> {
  const users = names("user", USERS);
  const phones = names("phone", PHONES);
  const earlier = earlierBundle();
  let isDeploying = true;
  await serving.start(earlier, MOVE);
  const racing = Promise.all(
    phones.map(async (phone) => {
      while (isDeploying) {
        await app.launch(random.pick(users), phone);
      }
    }),
  );
  for (let deploys = 0; deploys < DEPLOYS; deploys++) {
    await wait(random.between(DEPLOY_MS.min, DEPLOY_MS.max));
    await serving.stop(random.pick(["SIGTERM", "SIGKILL"]));
    await serving.start(deploys % 2 === 0 ? bundle : earlier, MOVE);
    tally.add(deploys % 2 === 0 ? "deploys" : `deploys of ${EARLIER}`);
  }
  isDeploying = false;
  await racing;
  // What the earlier one has left untold, the later one must tell.
  await serving.stop();
  await serving.start(bundle, MOVE);
  await endWith(app, users, phones, somebody);
  await lastLaunches(app, random, users, phones);
}
