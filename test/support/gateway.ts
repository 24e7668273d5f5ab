import { afterAll, beforeAll, vi } from "vitest";
import { type Gateway, type GatewaySettings, startGateway } from "../../src/gateway/index.ts";

/** The gateway, serving while the tests of a file run. */
export interface TestGateway {
  /** Without a slash at its end. */
  readonly url: string;
  /** What it told of itself, a line an event. */
  readonly lines: readonly string[];
}

/** As they print before anything stands in for them: a file may serve several gateways. */
const PRINT = { log: console.log.bind(console), error: console.error.bind(console) };

/** Serves a gateway to a server whose URL is known once the tests run. */
export function gatewayTo(
  upstream: () => string | Promise<string>,
  settings: Partial<GatewaySettings> = {},
): TestGateway {
  const lines: string[] = [];
  const served = { url: "", lines };
  let gateway: Gateway | undefined;
  beforeAll(async () => {
    for (const method of ["log", "error"] as const) {
      vi.spyOn(console, method).mockImplementation((line: unknown, ...more: unknown[]) => {
        if (String(line).startsWith('{"event"')) {
          lines.push(String(line));
        } else {
          PRINT[method](line, ...more);
        }
      });
    }
    gateway = await startGateway({ host: "127.0.0.1", port: 0, upstream: await upstream(), ...settings });
    served.url = gateway.url;
  });
  afterAll(async () => {
    await gateway?.stop();
    vi.restoreAllMocks();
  });
  return served;
}
