/** `npm run token -- USER`: prints a bearer token for local mode. Its bearer may act for that user and no other. */
import { localToken } from "../src/command/local.ts";

const [user, ...more] = process.argv.slice(2);
if (!user || more.length > 0) {
  console.error("Usage: npm run token -- USER, where USER is the end of an ARN: …:app-instance/demo/user/USER");
  process.exit(1);
}
console.log(await localToken(user));
