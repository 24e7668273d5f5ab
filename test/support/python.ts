/** Run before a suite of several files that call Python: each would make the same environment, at the same time. */
import { preparePython } from "../../scripts/python.ts";

export default function setup(): void {
  preparePython();
}
