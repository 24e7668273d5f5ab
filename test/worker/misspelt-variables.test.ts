import { expect, it } from "vitest";
import { VARIABLES } from "../../src/worker/config.ts";
import { misspeltVariables } from "../../src/worker/misspelt-variables.ts";

it.each([
  ["ENDPOINT_PER_USER", "ENDPOINTS_PER_USER"],
  ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
  ["own_hosts", "OWN_HOSTS"],
  ["LOCALMODE", "LOCAL_MODE"],
  ["PRINCIPLE_BACKEND", "PRINCIPAL_…"],
  ["PRINCIPALS_BACKEND", "PRINCIPAL_…"],
])("%s was likely meant to be %s", (name, meant) => {
  expect(misspeltVariables([name])).toEqual([{ name, meant }]);
});

it("what is right, and what is another word, was meant so", () => {
  const others = ["PAGER", "PATH", "HOME", "LOCALE", "PRINCESS_LEIA", "SENTRY_DSN", "npm_config_local_prefix", ""];
  expect(misspeltVariables([...VARIABLES, "PRINCIPAL_BACKEND", ...others])).toEqual([]);
});
