import { REST } from "./bare/rest.ts";
import { bareWorker } from "./bare/steps.ts";

export { AppInstanceUser, Directory } from "./bare/steps.ts";

/** Over REST, by a signature. */
export default bareWorker(REST);
