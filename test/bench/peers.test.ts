/** The smallest form of the comparison with peers, beside those that can be installed here; and what it counts by. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Connection } from "../../bench/load/connection.ts";
import { accountOfTree, memoryOfTree, treeOf } from "../../bench/load/tree.ts";
import { leftOf } from "../../bench/peers/doubles.ts";
import { isParseInstalled, missingForMoto } from "../../bench/peers/install.ts";
import { PEER_KEYS, readOptions } from "../../bench/peers/options.ts";
import { missingForPostgres } from "../../bench/peers/postgres.ts";
import { killTree } from "../../bench/peers/processes.ts";
import type { PeerResults } from "../../bench/peers/results.ts";
import { STEPS } from "../../bench/peers/steps.ts";
import { countSyncs } from "../../bench/peers/syncs.ts";

const MAIN = join(import.meta.dirname, "../../bench/peers/main.ts");

/** Parse Server where it is installed already, because it takes longer to install than all of this suite. */
const IS_THERE = {
  moto: missingForMoto() === undefined,
  parse: missingForPostgres() === undefined && isParseInstalled(),
};
const there = PEER_KEYS.filter((key) => IS_THERE[key]);

describe.skipIf(process.platform !== "linux" || there.length === 0)("the comparison with peers", () => {
  let out: string;
  let results: PeerResults;
  const resultOf = <Each extends { peer: string }>(all: readonly Each[], name: string) =>
    all.filter(({ peer }) => peer === name);
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    const only = there.flatMap((key) => ["--only", key]);
    await promisify(execFile)(process.execPath, [MAIN, "--smallest", "--out", out, ...only]);
    results = JSON.parse(readFileSync(join(out, "peers.json"), "utf8"));
  }, 600_000);
  afterAll(() => rmSync(out, { recursive: true }));

  it.each(STEPS)("measures $title with everybody, and Rollcall twice", ({ name }) => {
    const measured = results.rounds.calls.filter(({ step }) => step === name);
    expect(measured.map(({ peer }) => peer)).toEqual(results.peers.map(({ name }) => name));
    expect(measured).toHaveLength(3 + there.length);
    for (const { figures, ratios } of measured) {
      expect(figures.cpuMicros.median).toBeGreaterThan(0);
      expect(figures.p99Millis.median).toBeGreaterThanOrEqual(figures.p50Millis.median);
      expect(ratios.Rollcall?.perSecond.median).toBeGreaterThan(0);
    }
  });

  it("finds after a kill what Rollcall has acknowledged", () => {
    for (const { peer, acknowledged, lost } of results.kills.filter(({ peer }) => peer.startsWith("Rollcall"))) {
      expect({ peer, isLoaded: acknowledged > 0, lost }).toEqual({ peer, isLoaded: true, lost: 0 });
    }
  });

  it.skipIf(!there.includes("moto"))("loses after a kill all that moto has acknowledged", () => {
    const [moto] = resultOf(results.kills, "moto");
    expect(moto?.acknowledged).toBeGreaterThan(0);
    expect(moto?.lost).toBe(moto?.acknowledged);
  });

  it("finds each device once where it may have one user, and with each of them where it may have many", () => {
    const [alone, many] = resultOf(results.races, "Rollcall");
    const devices = alone?.devices;
    expect(alone?.left).toEqual({ none: 0, one: devices, several: 0, most: 1 });
    expect(many?.left).toEqual({ none: 0, one: 0, several: devices, most: many?.callers });
    for (const { left, later } of resultOf(results.races, "Rollcall, a device moves")) {
      expect([left, later]).toEqual([alone?.left, alone?.left]);
    }
  });

  it("writes a table, and a plot that is well-formed", () => {
    expect(readFileSync(join(out, "peers.md"), "utf8")).toMatch(
      /^\| Rollcall, a device moves \| as many users \| 0 % \| 0 % \| \d/m,
    );
    const svg = readFileSync(join(out, "peers.svg"), "utf8");
    expect(svg).not.toMatch(/NaN|undefined/);
    expect(svg.match(/<rect /g)?.length).toBeGreaterThan(2 * STEPS.length * results.peers.length);
  });
});

describe("the arguments of the comparison", () => {
  it.each([[["--only", "nobody"]], [["--rounds", "0"]], [["--rounds", "some"]], [["--unknown"]], [["moto"]]])(
    "%j are refused",
    (args) => expect(readOptions(args)).toBeUndefined(),
  );

  it("leave out the peers that are not named", () => {
    expect(readOptions([])?.peers).toEqual(["moto", "parse"]);
    expect(readOptions(["--only", "parse", "--rounds", "3"])).toMatchObject({ peers: ["parse"], rounds: 3 });
  });
});

describe("what is counted", () => {
  it("are devices by how many endpoints have their token", () => {
    const held = new Map([...[["a", 1] as const, ["b", 2] as const, ["c", 16] as const], ["of nobody", 3]]);
    expect(leftOf(["a", "b", "c", "d", "e"], held)).toEqual({ none: 2, one: 1, several: 2, most: 16 });
  });

  it("are syncs, one that strace tells in two lines once", () => {
    const trace = [
      "17 fdatasync(5 <unfinished ...>",
      "18 fsync(6) = 0",
      "17 <... fdatasync resumed>) = 0",
      "18 +++ exited with 0 +++",
    ];
    expect(countSyncs(trace.join("\n"))).toBe(2);
  });
});

/** A shell that has started a process which keeps a processor busy and ends, and then one that sleeps. */
const FAMILY = `node -e 'while (process.cpuUsage().user < 300_000);'; sleep 600 & echo ready; wait`;

describe.skipIf(process.platform !== "linux")("the account of a server of several processes", () => {
  it("has what those took that have ended, and all of them end together", async () => {
    const shell = spawn("sh", ["-c", FAMILY], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = shell.pid ?? 0;
    const before = accountOfTree([pid]);
    await once(shell.stdout, "data");
    expect(treeOf([pid])).toHaveLength(2);
    expect(accountOfTree([pid]).cpuMicros - before.cpuMicros).toBeGreaterThan(200_000);
    expect(memoryOfTree([pid])).toBeGreaterThan(memoryOfTree([pid].slice(1)));
    // It comes when nobody has the shell's output open any more.
    const closed = once(shell, "close");
    await killTree([pid]);
    expect(await closed).toEqual([null, "SIGKILL"]);
  });
});

describe("a connection to a server that closes it after each answer", () => {
  it("is opened anew for the next request", async () => {
    let sockets = 0;
    const server = createServer((_, response) => response.writeHead(200, { connection: "close" }).end("here"));
    server.on("connection", () => {
      sockets += 1;
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const connection = await Connection.open((server.address() as AddressInfo).port);
    const request = Buffer.from("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    for (let n = 1; n <= 3; n++) {
      expect(await connection.send(request)).toMatchObject({ status: 200 });
      expect(sockets).toBe(n);
    }
    connection.close();
    server.close();
    await once(server, "close");
  });
});
