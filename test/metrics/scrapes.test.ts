import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { getHere, serverUrl } from "../../src/command/address.ts";
import { serveScrapes } from "../../src/command/scrapes.ts";

it("a scrape of a server that stops in the middle of its answer is answered 503, and the next one is served", async () => {
  let isWell = false;
  const server = createServer((_, response) => {
    response.write("rollcall_bugs_total ");
    if (isWell) {
      response.end("0\n");
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = serverUrl("127.0.0.1", (server.address() as { port: number }).port);
  const read = async () => text(await getHere(url, AbortSignal.timeout(500)));
  const metrics = await serveScrapes({ host: "127.0.0.1", port: 0 }, read);
  expect((await fetch(metrics)).status).toBe(503);
  isWell = true;
  expect(await (await fetch(metrics)).text()).toBe("rollcall_bugs_total 0\n");
  server.closeAllConnections();
  server.close();
});
