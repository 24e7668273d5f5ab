/** An app on a phone, as far as pushes go: `node app.ts launch USER TOKEN` is a launch of it, `sign-out` its button. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { AppInstanceUserEndpointType, createRollcallClient, type Device } from "rollcall-client";
import { type Kept, PushRegistration } from "./push-registration.ts";

const [what, user = "", deviceToken = ""] = process.argv.slice(2);

/** The token of your issuer that the user signed in with. In local mode: npm run token -- carol. */
const credentials = async () => process.env[user.toUpperCase()] ?? "";
const rollcall = createRollcallClient({ baseUrl: process.env.ROLLCALL_URL ?? "http://localhost:8787", credentials });

const device: Device = {
  appInstanceUserArn: `arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/${user}`,
  resourceArn: "arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo",
  type: AppInstanceUserEndpointType.GCM,
  endpointAttributes: { deviceToken },
};

const FILE = "registered-device.json";
const kept: Kept = {
  load: () => readFile(FILE, "utf8").then(JSON.parse, () => undefined),
  save: (device) => (device ? writeFile(FILE, JSON.stringify(device), { mode: 0o600 }) : rm(FILE, { force: true })),
};

const registration = new PushRegistration(kept);
if (what === "sign-out") {
  await registration.signOut(rollcall, device);
  console.log("signed out");
} else {
  console.log(await registration.launch(rollcall, device));
}
for await (const { endpointId } of rollcall.listAllAppInstanceUserEndpoints(device)) {
  console.log(`${user} has ${endpointId}`);
}
