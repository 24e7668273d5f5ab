import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import type { Bundles } from "../bundles.ts";
import { type Contestant, Runner } from "./contestant.ts";
import { STEPS, type Step, THROTTLE_STEPS } from "./steps.ts";
import { bareWire, connectWire, floorWire, helloWire, restWire, type Wire } from "./wires.ts";

interface Entry extends Omit<Contestant, "wire"> {
  readonly bundle: keyof Bundles;
  readonly wire: (url: string) => Wire;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Once a second, so that a user who was served is refused for long enough to be measured. */
const ONCE_A_SECOND = { OPERATION_RATE_PER_SECOND: "1", OPERATION_BURST: "1" };

/** Who takes part. The floor's rows are of `rowBytes`, as Rollcall's are. */
function entries(rowBytes: number): Entry[] {
  const rollcall = { bundle: "rollcall", isBaseline: false } as const;
  const toFloor = STEPS.filter(({ baseline }) => baseline === "floor");
  const toBare = STEPS.filter(({ call }) => call in bareWire(""));
  const toHello = [...STEPS, ...THROTTLE_STEPS].filter(({ baseline }) => baseline === "hello");
  return [
    { name: "floor", bundle: "floor", isBaseline: true, wire: (url) => floorWire(url, rowBytes), steps: toFloor },
    { name: "hello", bundle: "hello", isBaseline: true, wire: helloWire, steps: toHello },
    { name: "bare steps", bundle: "bare", isBaseline: false, wire: bareWire, steps: toBare },
    { ...rollcall, name: "REST, SigV4", wire: restWire, steps: STEPS },
    { ...rollcall, name: "Connect JSON, JWT", wire: (url) => connectWire(url, "json"), steps: STEPS },
    { ...rollcall, name: "Connect binary, JWT", wire: (url) => connectWire(url, "proto"), steps: STEPS },
    { ...rollcall, name: "REST, SigV4", wire: restWire, steps: THROTTLE_STEPS, variables: ONCE_A_SECOND },
  ];
}

/** Starts a workerd for each that has a part in the steps that are asked for, under a command that it may need. */
export async function startContestants(
  bundles: Bundles,
  rowBytes: number,
  isAskedFor: (step: Step) => boolean,
  under: readonly string[] = [],
): Promise<Runner[]> {
  const runners: Runner[] = [];
  for (const { bundle, wire, variables, ...entry } of entries(rowBytes)) {
    const steps = withPreparation(entry.steps, isAskedFor);
    if (steps.length > 0) {
      const workerd: Workerd = await startTemporaryWorkerd(bundles[bundle], { under, ...(variables && { variables }) });
      const contestant = { ...entry, steps, wire: wire(workerd.url) };
      runners.push(new Runner(contestant, workerd));
    }
  }
  return runners;
}

/** Those asked for, and those before that the last of them builds on. */
function withPreparation(steps: readonly Step[], isAskedFor: (step: Step) => boolean): Step[] {
  const last = steps.findLastIndex((step) => step.baseline !== undefined && isAskedFor(step));
  return steps.filter((step, index) => index <= last && (isAskedFor(step) || step.users !== "sleeping"));
}
