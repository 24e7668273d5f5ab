import { execFile } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { BATCHES_PER_CALLER_DEFAULT, CALLER_RATE_PERIOD_MS } from "../../src/worker/model/limits.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { serve } from "../support/server.ts";
import { CONNECT_PATH, restRegister, send } from "../support/wire.ts";
import { sendAs } from "../support/with-host.ts";

const root = join(import.meta.dirname, "../..");
const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
const DOMAIN = 'routes = [{ pattern = "push.example.com", custom_domain = true }]';

/** A changed wrangler.toml beside it, which goes with the tests. It builds nothing: that is done already. */
const copies = new Set<string>();
function copyOf(name: string, changed: string): string {
  const copy = join(root, `.wrangler-${name}.toml`);
  copies.add(copy);
  writeFileSync(copy, changed.replace(/^command = .*\n/m, ""));
  return copy;
}
afterAll(() => {
  for (const copy of copies) {
    rmSync(copy);
  }
});

/** wrangler.toml with a custom domain, as the page on deploying says. */
const withDomain = copyOf("with-domain", toml.replace("[env.production]\n", `[env.production]\n${DOMAIN}\n`));

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
    const files = ["wrangler.toml", "package.json", ...globSync("src/{worker,gen}/**/*.ts", { cwd: root })];
    const switchesOn = (file: string) => /LOCAL_MODE\W{1,12}true/.test(readFileSync(join(root, file), "utf8"));
    expect(files.filter(switchesOn)).toEqual([]);
    expect(switchesOn("src/serve/open-local-mode.ts")).toBe(true);
  });

  it("limits callers as local mode does, and counts them apart from it", () => {
    const [local, production] = [config().ratelimits, config("production").ratelimits];
    const limitOf = ({ name, simple }: (typeof local)[number]) => ({ name, simple });
    expect(production.map(limitOf)).toEqual(local.map(limitOf));
    const all = [...local, ...production];
    expect(local.map(({ name }: { name: string }) => name)).toEqual(["CALLER_RATE", "BATCH_RATE"]);
    expect(new Set(all.map(({ simple }) => simple.period))).toEqual(new Set([CALLER_RATE_PERIOD_MS / 1_000]));
    expect(local[1]?.simple.limit).toBe(BATCHES_PER_CALLER_DEFAULT);
    expect(new Set(all.map(({ namespace_id }) => namespace_id)).size).toBe(all.length);
  });

  it("without an environment is one of another Worker than production", () => {
    expect(config("production").name).toBe("rollcall");
    expect(config().name).toBe("rollcall-dev");
  });

  it("asks for nothing that an account must switch on first, and counts once the block for that is uncommented", () => {
    expect(config("production").analytics_engine_datasets).toEqual([]);
    const block = /^# (\[\[env\.production\.analytics_engine_datasets\]\])\n# (.*)\n# (.*)$/m;
    const counting = copyOf("counting", toml.replace(block, "$1\n$2\n$3"));
    expect(unstable_readConfig({ config: counting, env: "production" }).analytics_engine_datasets).toEqual([
      { binding: "METRICS", dataset: "rollcall" },
    ]);
  });
});

describe("the files of pages", () => {
  it("are deployed beside the Worker", () => {
    expect(config("production").assets).toEqual(config().assets);
    expect(config().assets).toMatchObject({ binding: "ASSETS", run_worker_first: true });
  });

  it("are no part of it", () => {
    const { sources } = JSON.parse(readFileSync(`${WORKER_BUNDLE}.map`, "utf8")) as { sources: string[] };
    expect(sources.filter((source) => source.includes("src/worker/transport/pages/pages.ts"))).toHaveLength(1);
    expect(sources.filter((source) => /src\/(pages|openapi)\/|lit-html|protoplugin/.test(source))).toEqual([]);
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

describe("staging", () => {
  const page = readFileSync(join(root, "docs/deploying.md"), "utf8");
  const block = /^```toml\n(\[env\.staging\].*?)^```$/ms.exec(page)?.[1] ?? "";
  const staging = copyOf("staging", `${toml}\n${block}`);
  const all = [undefined, "production", "staging"].map((env) =>
    unstable_readConfig({ config: staging, ...(env !== undefined && { env }) }),
  );

  it("is deployed by the block that the page shows, with all that production is bound to", async () => {
    const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
    const deploy = ["deploy", "--dry-run", "--config", staging, "--env"];
    const boundBy = async (env: string) => {
      const { stdout } = await promisify(execFile)(process.execPath, [wrangler, ...deploy, env], { cwd: root });
      return Array.from(stdout.matchAll(/env\.([A-Z_]+)/g), ([, name]) => name);
    };
    const [inStaging, inProduction] = await Promise.all(["staging", "production"].map(boundBy));
    expect(inProduction).not.toEqual([]);
    expect(inStaging?.toSorted()).toEqual([...(inProduction ?? []), "PAGES"].toSorted());
  });

  it("is bundled as production is, and as what is tested", () => {
    const [tested, ...deployed] = all.map(({ define, minify, keep_names }) => ({ define, minify, keep_names }));
    expect(tested?.define).toEqual({ process: "undefined" });
    expect(deployed).toEqual([tested, tested]);
  });

  it("makes the same classes as production", () => {
    const [, inProduction, of] = all;
    expect(of?.migrations).toEqual(inProduction?.migrations);
    expect(of?.migrations).toMatchObject([{ new_sqlite_classes: ["AppInstanceUser", "Directory"] }]);
    expect(of?.durable_objects).toEqual(inProduction?.durable_objects);
  });

  it("shares neither its Worker nor a rate with another environment", () => {
    const rates = all.flatMap(({ ratelimits }) =>
      ratelimits.map(({ namespace_id }: { namespace_id: string }) => namespace_id),
    );
    expect(new Set(all.map(({ name }) => name)).size).toBe(3);
    expect(rates).toHaveLength(6);
    expect(new Set(rates).size).toBe(6);
  });
});

describe("local mode that was deployed", () => {
  // As `wrangler deploy --env production --var LOCAL_MODE:true` would.
  const server = serve({ LOCAL_MODE: "true", PAGES: "docs, console" });

  it.each([
    ["POST", restRegister().path],
    ["POST", CONNECT_PATH],
    ["GET", "/health"],
    ["GET", "/console/settings.json"],
    ["GET", "/docs"],
    ["OPTIONS", CONNECT_PATH],
  ])("answers no %s %s, for no request has a loopback Host there", async (method, path) => {
    const headers = { "content-type": "application/json" };
    const { status, text } = await sendAs("push.example.com", server.url, { method, path, headers, body: null });
    expect(status).toBe(403);
    expect(text).toContain("This server is in local mode");
    expect(text).not.toMatch(/secret|rollcall-local|openapi|"version"/i);
  });
});
