import type { Attack } from "./attack.ts";
import { backup } from "./devices/backup.ts";
import { between } from "./devices/between.ts";
import { erase } from "./devices/erase.ts";
import { events } from "./devices/events.ts";
import { modes } from "./devices/modes.ts";
import { releases } from "./devices/releases.ts";
import { takeOver } from "./devices/take-over.ts";
import { unreachable } from "./devices/unreachable.ts";
import { flood } from "./flood.ts";
import { gateway, gatewayForLong } from "./gateway.ts";
import { hostile } from "./hostile.ts";
import { faults, histories, phoneHistories } from "./in-runtime.ts";
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
  unreachable,
  erase,
  backup,
  modes,
  events,
  releases,
  sync,
  hostile,
  openFilesExhausted,
  flood,
  gateway,
  gatewayForLong,
  histories,
  phoneHistories,
  faults,
];
