import { REST } from "./bare/rest.ts";
import { bareWorker } from "./bare/steps.ts";

export { AppInstanceUser, Directory } from "./bare/steps.ts";

/** Over REST, with what a Directory takes at the least: another object that is told, and has written a row, before the answer. */
export default bareWorker(REST, { tells: true });
