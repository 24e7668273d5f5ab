import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "node_modules/.cache/interop");

/** Where the virtual environment has its programs: `python`, `aws`. */
export const PYTHON_PROGRAMS = join(FOLDER, "bin");

/** A Python that has what test/interop requires: a virtual environment, made anew only when the requirements changed. */
export function preparePython(): string {
  const python = join(PYTHON_PROGRAMS, "python");
  const required = join(ROOT, "test/interop/requirements.txt");
  const installed = join(FOLDER, "requirements.txt");
  if (existsSync(installed) && readFileSync(installed, "utf8") === readFileSync(required, "utf8")) {
    return python;
  }
  const checked = spawnSync("python3", ["-c", "import ensurepip, sys, venv; assert sys.version_info >= (3, 10)"]);
  if (checked.status !== 0) {
    throw new Error(
      "python3 is needed, 3.10 or newer, with its venv module; on Debian and Ubuntu, " +
        "`apt-get install python3-venv` installs both.",
    );
  }
  execFileSync("python3", ["-m", "venv", "--clear", FOLDER], { stdio: "inherit" });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  execFileSync(python, [...pip, "--requirement", required], { stdio: "inherit" });
  // Last, so that an installation which was interrupted is made again.
  copyFileSync(required, installed);
  return python;
}
