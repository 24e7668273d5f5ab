/** `npm run token -- USER`: prints a bearer token for local mode. Its bearer may act for that user and no other. */
import { answerHelp } from "../src/command/help.ts";
import { localToken } from "../src/command/local.ts";

const USAGE = "Usage: npm run token -- USER, where USER is the end of an ARN: …:app-instance/demo/user/USER";

const args = process.argv.slice(2);
answerHelp(args, USAGE);
const [user, ...more] = args;
if (!user || user.startsWith("-") || more.length > 0) {
  console.error(USAGE);
  process.exit(1);
}
console.log(await localToken(user));
