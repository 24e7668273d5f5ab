import { bundle } from "../scripts/bundle.ts";

/** The files of the Workers that are measured, each bundled as `wrangler deploy` bundles it. */
export interface Bundles {
  readonly rollcall: string;
  readonly floor: string;
  readonly bareRest: string;
  readonly bareJson: string;
  readonly bareBinary: string;
  readonly bareTelling: string;
  readonly hello: string;
}

export function buildBundles(): Bundles {
  return {
    rollcall: bundle("src/worker/index.ts"),
    floor: bundle("bench/workers/floor.ts"),
    bareRest: bundle("bench/workers/bare-rest.ts"),
    bareJson: bundle("bench/workers/bare-json.ts"),
    bareBinary: bundle("bench/workers/bare-binary.ts"),
    bareTelling: bundle("bench/workers/bare-telling.ts"),
    hello: bundle("bench/workers/hello.ts"),
  };
}
