import { bundle } from "../scripts/bundle.ts";

/** The files of the Workers that are measured, each bundled as `wrangler deploy` bundles it. */
export interface Bundles {
  readonly rollcall: string;
  readonly floor: string;
  readonly bare: string;
  readonly hello: string;
}

export function buildBundles(): Bundles {
  return {
    rollcall: bundle("src/worker/index.ts"),
    floor: bundle("bench/workers/floor.ts"),
    bare: bundle("bench/workers/bare.ts"),
    hello: bundle("bench/workers/hello.ts"),
  };
}
