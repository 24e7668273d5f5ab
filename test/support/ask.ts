import type { App } from "../../src/worker/transport/app.ts";

/** Sends a request to an app without a server: `path` is a path, or a URL where the host matters. */
export function ask(app: App, path: string, init?: RequestInit): Promise<Response> {
  return app.fetch(new Request(new URL(path, "http://localhost"), init));
}
