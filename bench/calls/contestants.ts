import type { Workerd } from "../../src/serve/workerd/start.ts";
import { DEPLOYED_VARIABLES } from "../../test/support/credentials.ts";
import type { Bundles } from "../bundles.ts";
import { serve } from "../load/serve.ts";
import { type Contestant, Runner } from "./contestant.ts";
import { STEPS, type Step, THROTTLE_STEPS } from "./steps.ts";
import { bareWire, connectWire, floorWire, helloWire, restWire, type Wire } from "./wires.ts";

interface Entry extends Omit<Contestant, "wire"> {
  readonly bundle: keyof Bundles | "base";
  readonly wire: (url: string) => Wire;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Local mode tells more of why a signature is refused, which no deployment does, and takes as long as all else of a refusal. */
const DEPLOYED = { LOCAL_MODE: "false", ...DEPLOYED_VARIABLES };

/** Once a second, so that a user who was served is refused for long enough to be measured. */
const ONCE_A_SECOND = { OPERATION_RATE_PER_SECOND: "1", OPERATION_BURST: "1" };

const REST = { name: "REST, SigV4", bare: "bare, REST", wire: (url: string): Required<Wire> => restWire(url) };
const CONNECT_JSON = { name: "Connect JSON, JWT", bare: "bare, JSON", wire: (url: string) => connectWire(url, "json") };
const CONNECT_BINARY = {
  name: "Connect binary, JWT",
  bare: "bare, binary",
  wire: (url: string) => connectWire(url, "proto"),
};

/** Who takes part. The floor's rows are of `rowBytes`, as Rollcall's are. */
function entries(rowBytes: number): Entry[] {
  const rollcall = { bundle: "rollcall", isBaseline: false, variables: DEPLOYED } as const;
  const toFloor = STEPS.filter(({ baseline }) => baseline === "floor");
  const bareSteps = STEPS.filter(({ call }) => call in bareWire(restWire("")));
  const bare = (bundle: keyof Bundles, { bare: name, wire }: typeof REST): Entry => {
    return { name, bundle, isBaseline: false, wire: (url) => bareWire(wire(url)), steps: bareSteps };
  };
  const toHello = [...STEPS, ...THROTTLE_STEPS].filter(({ baseline }) => baseline === "hello");
  return [
    { name: "floor", bundle: "floor", isBaseline: true, wire: (url) => floorWire(url, rowBytes), steps: toFloor },
    { name: "hello", bundle: "hello", isBaseline: true, wire: helloWire, steps: toHello },
    bare("bareRest", REST),
    bare("bareJson", CONNECT_JSON),
    bare("bareBinary", CONNECT_BINARY),
    ...[REST, CONNECT_JSON, CONNECT_BINARY].map((entry) => ({ ...rollcall, ...entry, steps: STEPS })),
    { ...rollcall, ...REST, steps: THROTTLE_STEPS, variables: { ...DEPLOYED, ...ONCE_A_SECOND } },
  ];
}

/** An earlier build beside this one, and this one a second time, which shows how far two of the same are apart. */
function others(): Entry[] {
  const again = { ...REST, name: `${REST.name}, again`, bundle: "rollcall" as const };
  const earlier = [REST, CONNECT_JSON, CONNECT_BINARY].map((entry) => ({
    ...entry,
    name: `${entry.name}, base`,
    bundle: "base" as const,
  }));
  return [again, ...earlier].map((entry) => ({ ...entry, isBaseline: false, variables: DEPLOYED, steps: STEPS }));
}

/** Starts a workerd for each that has a part in the steps that are asked for, under a command that it may need. */
export async function startContestants(
  bundles: Bundles,
  rowBytes: number,
  isAskedFor: (step: Step) => boolean,
  { under = [], base }: { under?: readonly string[]; base?: string } = {},
): Promise<Runner[]> {
  const runners: Runner[] = [];
  const all = base === undefined ? entries(rowBytes) : [...entries(rowBytes), ...others()];
  for (const { bundle, wire, variables, ...entry } of all) {
    const steps = withPreparation(entry.steps, isAskedFor);
    if (steps.length > 0) {
      const workerd: Workerd = await serve(bundle === "base" ? String(base) : bundles[bundle], {
        under,
        ...(variables && { variables }),
      });
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
