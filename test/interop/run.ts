/**
 * `npm run test:interop`: AWS's clients for Python, boto3 and the AWS CLI, against the built Worker; grpcio through the
 * gateway; and a tester that makes up calls from the Worker's description. What stands after `--` reaches pytest unchanged.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { devNull } from "node:os";
import { join } from "node:path";
import { preparePython } from "../../scripts/python.ts";
import { withoutAws } from "../../scripts/without-aws.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY, localToken } from "../../src/command/local.ts";
import build from "../support/build.ts";
import { harnessWith } from "../support/server.ts";
import { keepToken } from "../support/token-file.ts";
import { consoleCalls } from "./console-calls.ts";

const ROOT = join(import.meta.dirname, "../..");
const SUITE = join(ROOT, "test/interop");

/** All that AWS's clients are told besides the URL. */
const CLIENTS = {
  AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
  AWS_CONFIG_FILE: join(SUITE, "aws.ini"),
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};

const python = preparePython();
build();
const open = harnessWith();
const closed = harnessWith({});
const roomy = harnessWith({
  ...{ LOCAL_MODE: "true", ENDPOINTS_PER_USER: "500", OPERATION_RATE_PER_SECOND: "1000" },
  // With all operations.
  ...{ SAME_DEVICE: "adopt", DEVICES: "move" },
});
const tokenUser = "session";
const token = await keepToken(tokenUser);
const gateways: ChildProcess[] = [];
try {
  const url = (await open.listen()).url.origin;
  process.exitCode = await runSuite({
    ROLLCALL_URL: url,
    ROLLCALL_GATEWAY: await startGateway(url),
    // Where no server is.
    ROLLCALL_GATEWAY_TO_NOBODY: await startGateway("http://127.0.0.1:1"),
    ROLLCALL_CONSOLE_CALLS: await consoleCalls(url),
    ROLLCALL_TOKEN_ALICE: await localToken("alice"),
    ROLLCALL_TOKEN_NOBODY: await localToken("nobody"),
    ROLLCALL_TOKEN_USER: tokenUser,
    ROLLCALL_TOKEN_FILE: token.path,
    ROLLCALL_CLOSED_URL: (await closed.listen()).url.origin,
    ROLLCALL_ROOMY_URL: (await roomy.listen()).url.origin,
  });
} finally {
  token.stop();
  for (const gateway of gateways) {
    gateway.kill();
  }
  await Promise.all([open.close(), closed.close(), roomy.close()]);
}

/** Starts `npm run gateway`, whose address is answered once it listens. */
async function startGateway(upstream: string): Promise<string> {
  const script = join(ROOT, "src/gateway/main.ts");
  const args = [script, "--listen", "127.0.0.1:0", "--upstream", upstream];
  const gateway = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  gateways.push(gateway);
  process.on("exit", () => gateway.kill());
  const ended = once(gateway, "exit").then(([code]) => {
    throw new Error(`The gateway ended with exit code ${code} before it listened`);
  });
  const [line] = await Promise.race([once(gateway.stdout, "data"), ended]);
  gateway.stdout.resume();
  return /https?:\/\/(\S+),/.exec(String(line))?.[1] ?? "";
}

/** Runs pytest and answers its exit code. */
async function runSuite(servers: Record<string, string>): Promise<number> {
  const pytest = spawn(python, ["-m", "pytest", SUITE, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...withoutAws(process.env), ...servers, ...CLIENTS, PYTHONDONTWRITEBYTECODE: "1" },
  });
  // The harness ends this process on a signal.
  process.on("exit", () => pytest.kill());
  const [code] = await once(pytest, "exit");
  return code ?? 1;
}
