/**
 * Stores of many users, made without calling for each: workerd writes the database of one user, and it is copied under
 * the names that workerd will look for. A call for each user would take a quarter of an hour for the largest store, and a
 * database holds nothing that tells whose it is.
 */
import { createHash, createHmac } from "node:crypto";
import { copyFileSync, mkdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UNIQUE_KEY } from "../../src/serve/workerd/config.ts";
import { startWorkerd } from "../../src/serve/workerd/start.ts";
import { objectName } from "../../src/worker/objects/place.ts";
import { restWire, type User } from "../calls/wires.ts";
import { requireStatus, sendAll } from "../load/send-all.ts";
import { ROOM } from "../load/serve.ts";
import { userFiles } from "./files.ts";

/** Lets no rate and no limit come between. */
export const UNLIMITED = {
  ...ROOM,
  LOCAL_MODE: "true",
  ENDPOINTS_PER_USER: "500",
  OPERATION_RATE_PER_SECOND: "1000",
  OPERATION_BURST: "10000",
};

export function seededUser(n: number): User {
  return { arn: `arn:aws:chime:us-east-1:123456789012:app-instance/bench/user/seeded-${n}`, endpointId: "" };
}

/** Makes a store of so many users in a folder that is empty. */
export async function seed(bundle: string, data: string, users: number, endpoints: number): Promise<void> {
  const workerd = await startWorkerd({ bundle, data, variables: UNLIMITED });
  const { register } = restWire(workerd.url);
  for (let device = 1; device <= endpoints; device++) {
    requireStatus(201, (await sendAll(workerd, [await register(seededUser(0), device)], 1)).answers);
  }
  await workerd.stop();
  const [file] = userFiles(data);
  if (file?.rows.length !== endpoints || basename(file.path) !== fileName(seededUser(0).arn)) {
    throw new Error("workerd wrote something else than the one user's database, under the name that is made here");
  }
  // Aside, so that the first user's is a copy like the others.
  const template = join(data, "template.sqlite");
  const folder = dirname(file.path);
  renameSync(file.path, template);
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < users; n++) {
    copyFileSync(template, join(folder, fileName(seededUser(n).arn)));
  }
}

/**
 * The name of the file of a user's object: its id, which is a MAC of the object's name under the namespace's key, and a
 * MAC of that, each cut to half. Source: workerd/src/workerd/server/actor-id-impl.c++
 */
export function fileName(arn: string, uniqueKey = UNIQUE_KEY): string {
  const key = createHash("sha256").update(uniqueKey).digest();
  const mac = (bytes: Buffer | string) => createHmac("sha256", key).update(bytes).digest().subarray(0, 16);
  const base = mac(objectName(arn));
  return `${base.toString("hex")}${mac(base).toString("hex")}.sqlite`;
}
