import type { Attack } from "./attack.ts";
import { flood } from "./flood.ts";
import { hostile } from "./hostile.ts";
import { kill } from "./kill.ts";
import { openFilesExhausted } from "./open-files.ts";
import { races } from "./races.ts";
import { sync } from "./sync.ts";

/** All attacks, in the order in which the short forms run. */
export const ATTACKS: readonly Attack[] = [kill, races, sync, hostile, openFilesExhausted, flood];
