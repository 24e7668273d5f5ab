import type { Attack } from "./attack.ts";
import { between } from "./devices/between.ts";
import { takeOver } from "./devices/take-over.ts";
import { flood } from "./flood.ts";
import { gateway, gatewayForLong } from "./gateway.ts";
import { hostile } from "./hostile.ts";
import { faults, histories } from "./in-runtime.ts";
import { kill } from "./kill.ts";
import { openFilesExhausted } from "./open-files.ts";
import { races } from "./races.ts";
import { sync } from "./sync.ts";

/** All attacks; their short forms, where they have one, run in this order. */
export const ATTACKS: readonly Attack[] = [
  kill,
  races,
  takeOver,
  between,
  sync,
  hostile,
  openFilesExhausted,
  flood,
  gateway,
  gatewayForLong,
  histories,
  faults,
];
