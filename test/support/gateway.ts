import { afterAll, beforeAll, vi } from "vitest";
import { type Gateway, type GatewaySettings, startGateway } from "../../src/gateway/index.ts";

/** The gateway, serving while the tests of a file run. */
export interface TestGateway {
  /** Without a slash at its end. */
  readonly url: string;
  /** What it told of itself, a line an event. */
  readonly lines: readonly string[];
}

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
      const print = console[method].bind(console);
      vi.spyOn(console, method).mockImplementation((line: unknown, ...more: unknown[]) => {
        if (String(line).startsWith('{"event"')) {
          lines.push(String(line));
        } else {
          print(line, ...more);
        }
      });
    }
    gateway = await startGateway({ host: "127.0.0.1", port: 0, upstream: await upstream(), ...settings });
    served.url = gateway.url;
  });
  afterAll(() => gateway?.stop());
  return served;
}
