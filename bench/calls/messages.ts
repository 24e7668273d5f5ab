/** The service as Node can load it: generated code has enums, which Node does not take out of TypeScript by itself. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");
const SERVICE = "src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
const outfile = join(ROOT, "dist/bench/messages.js");

// In one step, for another process may be reading it.
const made = `${outfile}.${process.pid}`;
buildSync({ entryPoints: [join(ROOT, SERVICE)], bundle: true, format: "esm", packages: "external", outfile: made });
renameSync(made, outfile);
const generated: typeof import("../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts") = await import(
  outfile
);

export const { AppInstanceUserEndpointService } = generated;
