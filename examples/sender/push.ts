/** `npm run push`: one message, from a terminal. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { senderParts } from "./config.ts";
import { PushRequest } from "./request.ts";
import { createSender } from "./sender.ts";

const USAGE = `npm run push -- [options] USER...

  --title TEXT, --body TEXT
  --data KEY=VALUE       for the app, as often as you like
  --collapse-id ID       takes the place of an older message with the same one
  --expires-in SECONDS   no longer worth showing then
  --id ID                of the message, to go on with one that was not complete
  --dry-run              says what would be sent
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ title: { type: "string" }, body: { type: "string" }, data: { type: "string", multiple: true, default: [] } },
    ...{ "collapse-id": { type: "string" }, "expires-in": { type: "string" }, id: { type: "string" } },
    "dry-run": { type: "boolean" },
  },
});
const expiresIn = values["expires-in"];

const { data: request, error } = PushRequest.safeParse({
  id: values.id ?? crypto.randomUUID(),
  users: positionals,
  message: {
    title: values.title,
    body: values.body,
    data: Object.fromEntries(values.data.map((pair) => [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)])),
    collapseId: values["collapse-id"],
    expiresAt: expiresIn && new Date(Date.now() + Number(expiresIn) * 1_000).toISOString(),
  },
  dryRun: values["dry-run"],
});
if (error !== undefined) {
  console.error(`${USAGE}\n${z.prettifyError(error)}`);
  process.exit(2);
}

const parts = senderParts();
const result = await createSender(parts)(request);
console.log(JSON.stringify(result, undefined, 2));
process.exitCode = result.isIncomplete ? 1 : 0;
await Promise.all([...parts.services.values()].map((service) => service.close()));
