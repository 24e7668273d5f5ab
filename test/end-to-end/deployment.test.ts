import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { WORKER_BUNDLE } from "../support/build.ts";
import { serve } from "../support/server.ts";
import { restRegister, send } from "../support/wire.ts";

const root = join(import.meta.dirname, "../..");
const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
const DOMAIN = 'routes = [{ pattern = "push.example.com", custom_domain = true }]';

/** wrangler.toml with a custom domain, as the page on deploying says. */
const withDomain = ".wrangler-with-domain.toml";
writeFileSync(join(root, withDomain), toml.replace("[env.production]\n", `[env.production]\n${DOMAIN}\n`));
afterAll(() => rmSync(join(root, withDomain)));

function config(env?: string) {
  return unstable_readConfig({ config: join(root, "wrangler.toml"), ...(env !== undefined && { env }) });
}

describe("a deploy", () => {
  it.each([undefined, "production"])(
    "of environment %s carries no variable, so neither local mode nor a caller",
    (env) => {
      expect(config(env).vars).toEqual({});
    },
  );

  it("has local mode switched on by nothing that it reads", () => {
    const files = ["wrangler.toml", "package.json", ...globSync("src/**/*.ts", { cwd: root })];
    const switches = files.filter((file) => /LOCAL_MODE\W{1,12}true/.test(readFileSync(join(root, file), "utf8")));
    expect(switches).toEqual([]);
    expect(readFileSync(join(root, "scripts/start.ts"), "utf8")).toContain("LOCAL_MODE:true");
  });

  it("limits callers as local mode does", () => {
    expect(config("production").ratelimits).toEqual(config().ratelimits);
    expect(config().ratelimits).toHaveLength(1);
  });
});

describe("the files of pages", () => {
  it("are deployed beside the Worker", () => {
    expect(config("production").assets).toEqual(config().assets);
    expect(config().assets).toMatchObject({ binding: "ASSETS", run_worker_first: true });
  });

  it("are no part of it", () => {
    const { sources } = JSON.parse(readFileSync(`${WORKER_BUNDLE}.map`, "utf8")) as { sources: string[] };
    expect(sources.filter((source) => source.includes("src/transport/pages.ts"))).toHaveLength(1);
    expect(sources.filter((source) => /src\/(pages|openapi)\/|swagger-ui|protoplugin/.test(source))).toEqual([]);
  });
});

describe("a custom domain", () => {
  const server = serve({ LOCAL_MODE: "true" }, withDomain);

  it("stands in the production environment only", () => {
    expect(config()).toMatchObject({ route: undefined, routes: undefined });
  });

  it("does not break signatures made for localhost", async () => {
    expect((await send(server.url, restRegister())).status).toBe(201);
  });
});
