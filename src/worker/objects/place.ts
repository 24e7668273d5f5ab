/** Where an object is found: by its name, in the place of the region that its ARN names. */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import type { Objects } from "../model/objects.ts";
import type { Placement } from "../model/placement.ts";

/** A stub that has failed may stay broken, so each attempt takes a new one. */
export function objectFor<Stub>(
  objects: Objects<Stub>,
  { jurisdictions, locationHints }: Placement,
  arn: string,
  name: string,
): Stub {
  const region = arn.split(":", 4)[3] ?? "";
  const jurisdiction = jurisdictions.get(region);
  const locationHint = locationHints.get(region);
  const placed = jurisdiction === undefined ? objects : objects.jurisdiction(jurisdiction);
  return placed.getByName(name, locationHint && { locationHint });
}

/**
 * The user's object is named by a hash of the ARN as it was sent: names appear in dashboards and logs, ARNs must not,
 * and an object whose name is longer than 1,024 bytes does not know it.
 */
export function objectName(arn: string): string {
  return hash("sha256", arn);
}

/** The user's hash as the Directory has it, by the name of the user's own object: the same bits in other digits. */
export function userOf(name: string): string {
  return Buffer.from(name, "hex").toString("base64url");
}
