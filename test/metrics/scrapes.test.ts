import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
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

it("scrapes are answered again soon, however many connections send nothing, or a head without end", async () => {
  const metrics = await serveScrapes({ host: "127.0.0.1", port: 0 }, async () => "rollcall_bugs_total 0\n");
  const { hostname, port } = new URL(metrics);
  const peers = Array.from({ length: 200 }, (_, n) => {
    const peer = connect(Number(port), hostname);
    const trickle = setInterval(() => n % 2 === 1 && peer.writable && peer.write("a: b\r\n"), 500);
    peer.on("error", () => undefined).on("close", () => clearInterval(trickle));
    return peer.on("connect", () => peer.write(n % 2 === 1 ? "GET /metrics HTTP/1.1\r\n" : ""));
  });
  await Promise.all(peers.map((peer) => once(peer, "connect")));
  const scrape = () => fetch(metrics, { signal: AbortSignal.timeout(2_000) }).then(({ status }) => status);
  // As often as Prometheus scrapes if nothing else is said, and no longer than it waits.
  await expect.poll(() => scrape().catch(() => "no answer"), { timeout: 10_000 }).toBe(200);
  for (const peer of peers) {
    peer.destroy();
  }
});

it("a connection that reads nothing of its answers is not kept", async () => {
  const metrics = await serveScrapes({ host: "127.0.0.1", port: 0 }, async () => "#".repeat(64 * 1_024));
  const { hostname, port } = new URL(metrics);
  const peer = connect(Number(port), hostname).pause();
  await once(peer, "connect");
  peer.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(500));
  // Node looks whether anything was read once more before it gives a connection up.
  await wait(8_000);
  peer.on("error", () => undefined).resume();
  await once(peer, "close");
  expect(peer.bytesRead).toBeLessThan(500 * 64 * 1_024);
}, 20_000);
