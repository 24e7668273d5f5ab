import { describe, expect, it } from "vitest";
import { readConfig, type Variables } from "../../../../src/worker/config.ts";
import { gateOf } from "../../../../src/worker/transport/http/gate.ts";

const LOCAL = { LOCAL_MODE: "true" };

/** Why a request is turned away, if it is; by default one of no browser, to a server that is called "host". */
function reasonOf(
  variables: Variables,
  host: string,
  { origin, path = "/x" }: { origin?: string; path?: string } = {},
) {
  const headers = { host, ...(origin !== undefined && { origin }) };
  const url = new URL(path, URL.canParse(`http://${host}`) ? `http://${host}` : "http://localhost");
  // A request of the runtime's own would lose its Host.
  const request = { headers: new Headers(headers) } as unknown as Request;
  return gateOf(readConfig(variables))({ request, url })?.reason;
}

describe("local mode", () => {
  it.each([
    "localhost",
    "localhost:8787",
    "LOCALHOST:8787",
    "app.localhost:3000",
    "127.0.0.1:8787",
    "127.1.2.3",
    "[::1]:8787",
  ])("answers to %s", (host) => {
    expect(reasonOf(LOCAL, host)).toBeUndefined();
  });

  it.each([
    "push.example.com",
    "localhost.evil.example:8787",
    "evil-localhost:8787",
    "127.0.0.1.evil.example",
    "192.168.1.5:8787",
    "0.0.0.0:8787",
    "[::]:8787",
    "[fe80::1]",
    "a b",
    "",
  ])("does not answer to '%s', not for its pages or health either", (host) => {
    for (const path of ["/x", "/health", "/console/settings.json"]) {
      expect(reasonOf(LOCAL, host, { path })).toBe("HOST_NOT_LOCAL");
    }
  });

  it("answers to other hosts only where it was told that it may, which own hosts do not", () => {
    const open = { ...LOCAL, LOCAL_MODE_HOSTS: "192.168.1.5" };
    expect(reasonOf(open, "192.168.1.5:8787")).toBeUndefined();
    expect(reasonOf(open, "evil.example:8787")).toBe("HOST_NOT_LOCAL");
    expect(reasonOf({ ...LOCAL, OWN_HOSTS: "push.example.com" }, "push.example.com")).toBe("HOST_NOT_LOCAL");
    expect(reasonOf({ LOCAL_MODE_HOSTS: "192.168.1.5" }, "push.example.com")).toBeUndefined();
  });

  it("goes by the Host, whatever the target names", () => {
    const request = { headers: new Headers({ host: "evil.example" }) } as unknown as Request;
    const incoming = { request, url: new URL("http://localhost:8787/console/settings.json") };
    expect(gateOf(readConfig(LOCAL))(incoming)?.reason).toBe("HOST_NOT_LOCAL");
  });
});

describe("a server with hosts of its own", () => {
  const own = { OWN_HOSTS: "api.example.com, localhost:8787" };

  it.each(["api.example.com", "api.example.com:8443", "localhost:8787"])("answers to %s", (host) => {
    expect(reasonOf(own, host)).toBeUndefined();
  });

  it.each(["localhost", "localhost:9999", "elsewhere.example", "x.api.example.com"])(
    "does not answer to %s",
    (host) => {
      expect(reasonOf(own, host)).toBe("HOST_NOT_SERVED");
    },
  );

  it("tells its health to whoever asks", () => {
    expect(reasonOf(own, "10.0.0.1:8787", { path: "/health" })).toBeUndefined();
  });
});

describe("a web page", () => {
  const deployed = { ALLOWED_ORIGINS: "https://app.example.com" };

  it.each<[Variables, string, string]>([
    [LOCAL, "localhost:8787", "http://localhost:8787"],
    [LOCAL, "localhost:8787", "http://localhost:3000"],
    [LOCAL, "app.localhost:8787", "http://app.localhost:8787"],
    [deployed, "push.example.com", "https://app.example.com"],
    [{}, "push.example.com", "https://push.example.com"],
    // TLS ends at a proxy, or the port is not HTTPS's own.
    [{}, "push.example.com:8443", "https://push.example.com:8443"],
  ])("of a server with %j at %s may call from %s", (variables, host, origin) => {
    expect(reasonOf(variables, host, { origin })).toBeUndefined();
  });

  it.each<[Variables, string, string]>([
    [LOCAL, "localhost:8787", "https://evil.example"],
    [LOCAL, "localhost:8787", "http://localhost.evil.example"],
    [LOCAL, "localhost:8787", "null"],
    [LOCAL, "localhost:8787", ""],
    [LOCAL, "localhost:8787", "http://other.localhost:3000"],
    [deployed, "push.example.com", "https://evil.example"],
    [deployed, "push.example.com", "http://localhost:3000"],
    [deployed, "push.example.com", "null"],
    [{}, "push.example.com", "https://app.example.com"],
    [{}, "push.example.com:8443", "https://push.example.com"],
  ])("of a server with %j at %s may not call from '%s'", (variables, host, origin) => {
    expect(reasonOf(variables, host, { origin })).toBe("ORIGIN_NOT_ALLOWED");
  });
});
