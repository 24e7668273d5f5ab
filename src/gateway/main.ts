/** `npm run gateway`, and gateway.mjs of a build: gRPC for a server that runs on the Workers runtime. See docs/grpc.md. */
import { whenToldToEnd } from "../command/ending/when-told.ts";
import { answerHelp } from "../command/help.ts";
import { GATEWAY_USAGE, readGatewaySettings, reportBug, startGateway } from "./index.ts";

// What is uncaught is the bug of one call, and no reason to end all others.
process.on("uncaughtException", reportBug);
// Nor is it one that nobody reads the log any more; and to log that would fail in the same way, without end.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", () => undefined);
}

const args = process.argv.slice(2);
answerHelp(args, GATEWAY_USAGE);
try {
  const settings = readGatewaySettings(args);
  const gateway = await startGateway(settings);
  console.log(`The gateway serves gRPC, gRPC-Web and Connect on ${gateway.url}, for ${settings.upstream}.`);
  if (gateway.metricsUrl !== undefined) {
    console.log(`Prometheus is answered at ${gateway.metricsUrl}.`);
  }
  whenToldToEnd(async () => {
    await gateway.stop();
    process.exit();
  });
} catch (error) {
  // A port that is taken, or an address that is not this machine's.
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (
    !(error instanceof Error && (error.name === "ConfigError" || syscall === "listen" || syscall === "getaddrinfo"))
  ) {
    throw error;
  }
  console.error(message);
  process.exit(error.name === "ConfigError" ? 2 : 1);
}
