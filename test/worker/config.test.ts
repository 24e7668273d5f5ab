import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/worker/config.ts";
import { ConfigError } from "../../src/worker/model/config-error.ts";
import { CONFIRMATION_LIFETIME_MS, STALE_DAYS_MIN } from "../../src/worker/model/limits.ts";

const DAY_MS = 86_400_000;

describe("readConfig", () => {
  it("lets nobody in and allows what AWS does, if nothing is set", () => {
    const config = readConfig({});
    expect(config).toEqual({
      localMode: false,
      localModeHosts: [],
      endpointsPerUser: 10,
      operationRate: { perSecond: 10, burst: 20 },
      adopts: false,
      staleAfterMs: Number.POSITIVE_INFINITY,
      placement: { jurisdictions: new Map(), locationHints: new Map() },
      allowedOrigins: [],
      allowedHeaders: [],
      ownHosts: [],
      signingRegions: [],
      pages: [],
      batchesPerCaller: 300,
      logSuccesses: 1,
    });
    expect(readConfig({ LOCAL_MODE: "", ENDPOINTS_PER_USER: "", JURISDICTIONS: " " })).toEqual(config);
  });

  it.each([
    [1, 10],
    [2, 20],
    [10, 20],
    [30, 30],
  ])("has a burst for a rate of %i that an idle object has again before it is evicted: %i", (perSecond, burst) => {
    const { operationRate } = readConfig({ OPERATION_RATE_PER_SECOND: String(perSecond) });
    expect(operationRate).toEqual({ perSecond, burst });
  });

  it("reads every variable", () => {
    expect(
      readConfig({
        LOCAL_MODE: "true",
        LOCAL_MODE_HOSTS: "192.168.1.5, [FE80::0001],my-laptop.local",
        ENDPOINTS_PER_USER: "500",
        OPERATION_RATE_PER_SECOND: "50",
        OPERATION_BURST: "500",
        SAME_DEVICE: "adopt",
        STALE_DAYS: "60",
        JURISDICTIONS: "eu-central-1=eu",
        LOCATION_HINTS: "us-east-1 = enam, eu-central-1=weur,",
        ALLOWED_ORIGINS:
          "https://app.example.com, http://localhost:3000, chrome-extension://abc, https://*.example.com",
        ALLOWED_HEADERS: "traceparent, X-Page",
        OWN_HOSTS: "API.example.com, localhost:8787, push.example.com:443",
        SIGNING_REGIONS: "us-east-1,eu-central-1",
        PAGES: "docs",
        USERS_AT_ONCE: "1000",
        CALLS_PER_CALLER: "5000",
        BATCHES_PER_CALLER: "600",
        LOG_SUCCESSES: "0.25",
      }),
    ).toEqual({
      localMode: true,
      localModeHosts: ["192.168.1.5", "[fe80::1]", "my-laptop.local"],
      endpointsPerUser: 500,
      operationRate: { perSecond: 50, burst: 500 },
      adopts: true,
      staleAfterMs: 60 * 24 * 3_600_000,
      placement: {
        jurisdictions: new Map(),
        locationHints: new Map([
          ["us-east-1", "enam"],
          ["eu-central-1", "weur"],
        ]),
      },
      allowedOrigins: [
        ...["https://app.example.com", "http://localhost:3000", "chrome-extension://abc", "https://*.example.com"],
      ],
      allowedHeaders: ["traceparent", "x-page"],
      ownHosts: ["api.example.com", "localhost:8787", "push.example.com"],
      signingRegions: ["us-east-1", "eu-central-1"],
      pages: ["docs", "console"],
      usersAtOnce: 1_000,
      callsPerCaller: 5_000,
      batchesPerCaller: 600,
      logSuccesses: 0.25,
    });
  });

  it("takes all, none, or a share for how much of the successes is logged", () => {
    const shares = ["all", "1", "none", "0", "0.05", ""].map(
      (text) => readConfig({ LOG_SUCCESSES: text }).logSuccesses,
    );
    expect(shares).toEqual([1, 1, 0, 0, 0.05, 1]);
  });

  it.each(["capacitor://localhost", "ionic://localhost", "tauri://localhost", "moz-extension://1a-2b"])(
    "takes the origin of a web view or an extension: %s",
    (origin) => {
      expect(readConfig({ ALLOWED_ORIGINS: origin }).allowedOrigins).toEqual([origin]);
    },
  );

  it("keeps data in jurisdictions, but for local mode, where it is on one machine", () => {
    const placed = (variables: Record<string, string>) => readConfig(variables).placement.jurisdictions;
    expect(placed({ JURISDICTIONS: "eu-central-1=eu" })).toEqual(new Map([["eu-central-1", "eu"]]));
    expect(placed({ JURISDICTIONS: "eu-central-1=eu", LOCAL_MODE: "true" })).toEqual(new Map());
    expect(() => placed({ JURISDICTIONS: "eu-central-1=mars", LOCAL_MODE: "true" })).toThrow("JURISDICTIONS");
  });

  it("serves the pages that are named, but for local mode, which serves all of them", () => {
    const pages = (variables: Record<string, string>) => readConfig(variables).pages;
    expect(pages({ PAGES: "console, docs" })).toEqual(["docs", "console"]);
    expect(pages({ LOCAL_MODE: "true" })).toEqual(["docs", "console"]);
  });

  it("takes days after which an endpoint is stale, of which two refreshes must be shorter", () => {
    const days = (STALE_DAYS: string) => readConfig({ SAME_DEVICE: "adopt", STALE_DAYS }).staleAfterMs / DAY_MS;
    expect([days(""), days("14"), days("400")]).toEqual([Number.POSITIVE_INFINITY, 14, 400]);
    for (const wrong of ["13", "401", "14.5", "0", "two weeks"]) {
      expect(() => days(wrong)).toThrow(new ConfigError("STALE_DAYS must be a whole number from 14 to 400"));
    }
    // A launch that is refused confirms nothing.
    expect(() => readConfig({ STALE_DAYS: "60" })).toThrow(new ConfigError("STALE_DAYS needs SAME_DEVICE to be adopt"));
    expect(STALE_DAYS_MIN * DAY_MS).toBeGreaterThanOrEqual(2 * CONFIRMATION_LIFETIME_MS);
  });

  it.each([
    ["LOCAL_MODE", "yes", '"true" or "false"'],
    ["ENDPOINTS_PER_USER", "0", "from 1 to 500"],
    ["ENDPOINTS_PER_USER", "501", "from 1 to 500"],
    ["ENDPOINTS_PER_USER", "1e2", "from 1 to 500"],
    ["ENDPOINTS_PER_USER", "-1", "from 1 to 500"],
    ["OPERATION_RATE_PER_SECOND", "0", "from 1 to 1000"],
    // A bucket that takes longer to fill than an idle object lives would be full again too early.
    ["OPERATION_BURST", "101", "from 1 to 100"],
    ["SAME_DEVICE", "Adopt", "one of refuse, adopt"],
    ["JURISDICTIONS", "eu-central-1=mars", "eu, fedramp"],
    ["JURISDICTIONS", "eu", "REGION=VALUE"],
    ["LOCATION_HINTS", "=enam", "REGION=VALUE"],
    ["LOCATION_HINTS", "us-east-1=enam=weur", "REGION=VALUE"],
    ["ALLOWED_ORIGINS", "*", "origins such as"],
    ["ALLOWED_ORIGINS", "https://app.example.com/", "origins such as"],
    ["ALLOWED_ORIGINS", "app.example.com", "origins such as"],
    ["ALLOWED_ORIGINS", "null", "origins such as"],
    ["ALLOWED_ORIGINS", "https://*", "origins such as"],
    ["ALLOWED_ORIGINS", "https://*.com", "origins such as"],
    ["ALLOWED_ORIGINS", "https://app.*.example.com", "origins such as"],
    ["ALLOWED_ORIGINS", "https://*.*.example.com", "origins such as"],
    ["ALLOWED_ORIGINS", "https://app-*.example.com", "origins such as"],
    ["ALLOWED_ORIGINS", "https://*.example.com/", "origins such as"],
    ["ALLOWED_ORIGINS", "*://app.example.com", "origins such as"],
    ["ALLOWED_ORIGINS", "capacitor://*", "origins such as"],
    ["ALLOWED_ORIGINS", "capacitor://localhost/", "origins such as"],
    ["ALLOWED_ORIGINS", "capacitor://user@localhost", "origins such as"],
    ["ALLOWED_ORIGINS", "file://", "origins such as"],
    ["ALLOWED_HEADERS", "*", "names of headers such as"],
    ["ALLOWED_HEADERS", "traceparent;x-page", "names of headers such as"],
    ["OWN_HOSTS", "https://api.example.com", "hosts such as"],
    ["OWN_HOSTS", "user@api.example.com", "hosts such as"],
    ["OWN_HOSTS", "api.example.com/v1", "hosts such as"],
    ["OWN_HOSTS", "localhost:99999", "hosts such as"],
    ["LOCAL_MODE_HOSTS", "a b", "hosts such as"],
    ["SIGNING_REGIONS", "us-east-1;eu-central-1", "regions such as"],
    ["USERS_AT_ONCE", "0", "a whole number from 1 to 1000000"],
    ["CALLS_PER_CALLER", "0", "a whole number from 1 to 1000000"],
    ["BATCHES_PER_CALLER", "0", "a whole number from 1 to 1000000"],
    ["LOG_SUCCESSES", "some", "all, none, or a number from 0 to 1"],
    ["LOG_SUCCESSES", "1.1", "all, none, or a number from 0 to 1"],
    ["LOG_SUCCESSES", "-0.1", "all, none, or a number from 0 to 1"],
    ["LOG_SUCCESSES", "10%", "all, none, or a number from 0 to 1"],
    ["PAGES", "docs, admin", "pages, which are docs and console"],
  ])("refuses %s=%s, and says what it takes", (name, value, takes) => {
    const reading = () => readConfig({ [name]: value });
    expect(reading).toThrow(ConfigError);
    expect(reading).toThrow(new RegExp(`^${name} must be .*${takes}`));
  });
});
