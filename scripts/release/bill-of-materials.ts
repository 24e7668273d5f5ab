import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { ShippedPackage } from "../build/licences.ts";

const ROOT = join(import.meta.dirname, "../..");

interface CycloneDx {
  readonly metadata: { readonly component: { readonly "bom-ref": string } };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly "bom-ref": string;
}

/** Of the packages that are shipped, what npm's own bill says: it is of all that a clone has, most of which only builds and tests. */
export function billOfMaterials(shipped: readonly ShippedPackage[]) {
  const command = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
  const bill: CycloneDx = JSON.parse(execFileSync("npm", command, { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 26 }));
  const refs = shipped.map(({ name, version }) => `${name}@${version}`);
  const { component } = bill.metadata;
  const missing = refs.filter((ref) => !bill.components.some((listed) => listed["bom-ref"] === ref));
  if (missing.length > 0) {
    throw new Error(`npm's bill of materials lacks ${missing.join(", ")}`);
  }
  return {
    ...bill,
    // npm names it after the folder of the clone.
    metadata: { ...bill.metadata, component: { ...component, type: "application", name: "rollcall" } },
    components: bill.components.filter((listed) => refs.includes(listed["bom-ref"])),
    dependencies: [
      { ref: component["bom-ref"], dependsOn: refs },
      ...bill.dependencies
        .filter(({ ref }) => refs.includes(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((on) => refs.includes(on)) })),
    ],
  };
}
