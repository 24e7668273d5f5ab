import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startWorkerd } from "../scripts/workerd/start.ts";
import { sendAll } from "./load/send-all.ts";
import { restWire } from "./wires.ts";

/** How long the row is that a registration writes, read from the file of a user who has registered. */
export async function rowBytes(bundle: string): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), "rollcall-"));
  try {
    const workerd = await startWorkerd({ bundle, data, variables: { LOCAL_MODE: "true" } });
    const user = { arn: "arn:aws:chime:us-east-1:123456789012:app-instance/bench/user/row", endpointId: "" };
    await sendAll(workerd, [await restWire(workerd.url).register(user, 1)], 1, 201);
    await workerd.stop();
    const [file = ""] = globSync(join(data, "objects/*/[0-9a-f]*.sqlite"));
    const database = new DatabaseSync(file, { readOnly: true });
    const row = database.prepare("SELECT length(value) AS bytes FROM _cf_KV").get();
    database.close();
    return Number(row?.bytes);
  } finally {
    rmSync(data, { recursive: true });
  }
}
