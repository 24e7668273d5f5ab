/**
 * `npm run test:conformance`: the conformance suite of Connect and gRPC (connectrpc.com/conformance), with clients made
 * with connect-go and with gRPC's own library for Go, against Rollcall's wires on workerd and against the gateway before
 * them. Both serve the suite's service in the place of Rollcall's. It needs Go, by which the suite is built once.
 *
 * What does not hold, knowingly, stands in test/conformance/known-failing.txt; a case there that passes is a failure too.
 * What stands after `--` reaches the suite unchanged: `npm run test:conformance -- --trace`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.ts";

const ROOT = join(import.meta.dirname, "..");
const TESTS = join(ROOT, "test/conformance");
const CACHE = join(ROOT, "node_modules/.cache/conformance");

const SUITE = "connectrpc.com/conformance";
const VERSION = "v1.0.7";

/** How long a run may take: one that hangs is a failure. */
const RUN_MAX_MS = 120_000;

/** What is called, by which protocol and in which codec: a run of the suite each. */
interface Run {
  readonly server: "worker" | "gateway";
  readonly protocol: "CONNECT" | "GRPC" | "GRPC_WEB";
  readonly codec: "PROTO" | "JSON";
}

/** How many of a run's cases passed, and how many failed. */
interface Tally {
  readonly passed: number;
  readonly known: number;
  readonly failed: number;
}

const SPOKEN = { worker: ["CONNECT", "GRPC_WEB"], gateway: ["CONNECT", "GRPC", "GRPC_WEB"] } as const;

/** Of HTTP, by server: the gateway is there for HTTP/2. */
const VERSIONS = { worker: ["HTTP_VERSION_1"], gateway: ["HTTP_VERSION_1", "HTTP_VERSION_2"] };

const RUNS: readonly Run[] = (["worker", "gateway"] as const).flatMap((server) =>
  SPOKEN[server].flatMap((protocol) => (["PROTO", "JSON"] as const).map((codec) => ({ server, protocol, codec }))),
);

const suite = prepareSuite();
const worker = bundle("test/conformance/worker.ts");
const tallies = new Map(RUNS.map((run) => [run, outcome(run)]));
process.exitCode = report(tallies) ? 0 : 1;

/** Builds the suite, unless that was done before, and generates the messages by which it is served. Answers its program. */
function prepareSuite(): string {
  // Empty before 1.21, which could not fetch the newer Go that the suite asks for.
  if (!spawnSync("go", ["env", "GOTOOLCHAIN"], { encoding: "utf8" }).stdout?.trim()) {
    console.error(
      "test:conformance needs Go, 1.21 or newer: see go.dev/doc/install, or golang-go in Debian and Ubuntu.",
    );
    process.exit(1);
  }
  const program = join(CACHE, VERSION, "connectconformance");
  mkdirSync(join(CACHE, VERSION), { recursive: true });
  if (!existsSync(program)) {
    go("install", `${SUITE}/cmd/connectconformance@${VERSION}`);
  }
  const { Dir } = JSON.parse(go("mod", "download", "-json", `${SUITE}@${VERSION}`)) as { Dir: string };
  const protos = ["config", "server_compat", "service"].flatMap((name) => [
    "--path",
    join(Dir, `proto/connectrpc/conformance/v1/${name}.proto`),
  ]);
  execFileSync("buf", ["generate", Dir, "--template", join(TESTS, "buf.gen.yaml"), ...protos], { cwd: ROOT });
  execFileSync("tsc", ["--project", TESTS], { cwd: ROOT, stdio: "inherit" });
  return program;
}

function go(...args: string[]): string {
  const env = { ...process.env, GOBIN: join(CACHE, VERSION), GOTOOLCHAIN: "auto" };
  return execFileSync("go", args, { cwd: CACHE, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Runs the suite, and prints what it says of cases that failed. */
function outcome(run: Run): Tally {
  const { server, protocol, codec } = run;
  const name = `${server}-${protocol}-${codec}`.toLowerCase();
  const [config, known] = [join(CACHE, `${name}.yaml`), join(CACHE, `${name}.txt`)];
  writeFileSync(config, JSON.stringify({ features: featuresOf(run) }));
  writeFileSync(known, patternsFor(run).join("\n"));
  const started = performance.now();
  const { stdout, stderr, error } = spawnSync(
    suite,
    [
      ...["--mode", "server", "--conf", config, "--known-failing", `@${known}`, ...process.argv.slice(2)],
      ...["--", process.execPath, join(TESTS, "server.ts"), server, worker],
    ],
    { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 28, timeout: RUN_MAX_MS },
  );
  if (error !== undefined) {
    throw error;
  }
  const tally = tallyOf(stdout);
  console.log(`${name}: ${spoken(tally)} (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
  if (tally.failed > 0) {
    console.log(stdout, stderr);
  }
  return tally;
}

function featuresOf({ server, protocol, codec }: Run) {
  return {
    versions: protocol === "GRPC" ? ["HTTP_VERSION_2"] : VERSIONS[server],
    protocols: [`PROTOCOL_${protocol}`],
    codecs: [`CODEC_${codec}`],
    compressions: ["COMPRESSION_IDENTITY", "COMPRESSION_GZIP"],
    streamTypes: ["STREAM_TYPE_UNARY"],
    supportsTls: false,
    supportsConnectGet: false,
  };
}

/** Of the list, the patterns of a run: a line is the servers, protocols and codecs that it is about, and a pattern. */
function patternsFor({ server, protocol, codec }: Run): string[] {
  const lines = readFileSync(join(TESTS, "known-failing.txt"), "utf8").split("\n");
  return (
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      // Patterns have spaces, one at a time.
      .map((line) => line.split(/ {2,}/))
      .filter((words) =>
        [server, protocol, codec].every((word, at) => words[at] === "*" || words[at]?.split(",").includes(word)),
      )
      .map((words) => words[3] ?? "")
  );
}

/** Reads the suite's summary. A run without one is one failure. */
function tallyOf(printed: string): Tally {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(printed) ?? [];
  if (passed === undefined) {
    return { passed: 0, known: 0, failed: 1 };
  }
  const number = (pattern: RegExp) => Number(pattern.exec(printed)?.[1] ?? 0);
  return {
    passed: Number(passed),
    known: number(/^\(Another (\d+) failed as expected/m),
    failed: Number(failed) + number(/^Another (\d+) could not be run/m),
  };
}

function spoken({ passed, known, failed }: Tally): string {
  return `${passed} passed, ${known} known to fail, ${failed} failed`;
}

/** Prints the table and the sum, and answers whether all is as it should be. */
function report(tallies: ReadonlyMap<Run, Tally>): boolean {
  const rows = Array.from(tallies, ([{ server, protocol, codec }, { passed, known, failed }]) => [
    ...[server, protocol, codec].map((word) => word.toLowerCase().replace("_", "-")),
    ...[passed + known + failed, passed, known, failed],
  ]);
  const heads = ["server", "protocol", "codec", "cases", "passed", "known to fail", "failed"];
  console.log();
  for (const row of [heads, heads.map(() => "---"), ...rows]) {
    console.log(`| ${row.join(" | ")} |`);
  }
  const sum = (what: keyof Tally) => Array.from(tallies.values(), (tally) => tally[what]).reduce((a, b) => a + b);
  const [passed, known, failed] = [sum("passed"), sum("known"), sum("failed")];
  console.log(
    `\nTests  ${failed > 0 ? `${failed} failed | ` : ""}${passed} passed | ${known} known to fail (${passed + known + failed})`,
  );
  return failed === 0;
}
