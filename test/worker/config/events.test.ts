import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/worker/config.ts";
import { ConfigError } from "../../../src/worker/model/config-error.ts";

const secretOf = (bytes: number) => `whsec_${btoa("x".repeat(bytes))}`;

const VALID = {
  SAME_DEVICE: "adopt",
  DEVICES: "move",
  EVENTS_URL: "https://receiver.example.com/hook?key=hidden",
  EVENTS_SECRETS: JSON.stringify([secretOf(24), secretOf(64)]),
};
const ONE_MACHINE = { USERS_AT_ONCE: "10" };

describe("EVENTS_URL and EVENTS_SECRETS", () => {
  it("are read together", () => {
    const { url, keys } = readConfig(VALID).events ?? {};
    expect(url).toBe(VALID.EVENTS_URL);
    expect(keys?.map((key) => new TextDecoder().decode(key))).toEqual(["x".repeat(24), "x".repeat(64)]);
  });

  it("may be absent, and the secrets stay where the address goes", () => {
    const { EVENTS_URL: _, ...withoutUrl } = VALID;
    expect(readConfig(withoutUrl)).not.toHaveProperty("events");
    expect(readConfig({ ...withoutUrl, EVENTS_SECRETS: "" })).not.toHaveProperty("events");
  });

  it.each<[string, string, string]>([
    ["EVENTS_URL", "http://receiver.example.com/", "EVENTS_URL must be a URL that begins with https://"],
    ["EVENTS_URL", "http://127.0.0.1:9000/", "EVENTS_URL must be a URL that begins with https://"],
    [
      "EVENTS_URL",
      "https://hidden@receiver.example.com/",
      "EVENTS_URL must be a URL .* without user name and password",
    ],
    ["EVENTS_URL", "https://:hidden@receiver.example.com/", "EVENTS_URL must be a URL .* without user name"],
    ["EVENTS_URL", "receiver.example.com", "EVENTS_URL must be a URL"],
    ["EVENTS_SECRETS", "", "EVENTS_URL needs EVENTS_SECRETS"],
    ["EVENTS_SECRETS", "[]", "EVENTS_SECRETS must be a JSON list of 1 to 2 texts"],
    ["EVENTS_SECRETS", secretOf(24), "EVENTS_SECRETS must be a JSON list"],
    ["EVENTS_SECRETS", JSON.stringify([secretOf(23)]), "the base64 of 24 to 64 bytes"],
    ["EVENTS_SECRETS", JSON.stringify([secretOf(65)]), "the base64 of 24 to 64 bytes"],
    ["EVENTS_SECRETS", JSON.stringify([btoa("x".repeat(24))]), "each whsec_"],
    ["EVENTS_SECRETS", JSON.stringify([secretOf(25).replace("=", "")]), "the base64 of"],
    ["EVENTS_SECRETS", JSON.stringify([secretOf(24), secretOf(25), secretOf(26)]), "1 to 2 texts"],
    ["DEVICES", "", "EVENTS_URL needs DEVICES"],
  ])("are refused with %s=%s, in words that repeat neither", (name, value, says) => {
    const reading = () => readConfig({ ...VALID, [name]: value });
    expect(reading).toThrow(ConfigError);
    expect(reading).toThrow(new RegExp(says));
    expect(reading).not.toThrow(/hidden|eHh4/);
  });

  it.each([
    "http://localhost:9000/hook",
    "http://127.0.0.1/",
    "http://[::1]:9000/",
    "http://10.1.2.3/",
    "http://172.31.0.1/",
    "http://192.168.1.5:8080/",
    "http://[fd12:3456::1]/",
  ])("may be near to one machine without TLS: %s", (url) => {
    expect(readConfig({ ...VALID, ...ONE_MACHINE, EVENTS_URL: url }).events?.url).toBe(url);
    expect(readConfig({ ...VALID, LOCAL_MODE: "true", EVENTS_URL: url }).events?.url).toBe(url);
  });

  it.each([
    "http://receiver.example.com/",
    "http://8.8.8.8/",
    "http://172.32.0.1/",
    "http://169.254.169.254/latest/",
    "http://10.example.com/",
    "http://10.1.2.3.example.com/",
    "http://localhost.example.com/",
    "http://[2001:db8::1]/",
    "http://[fd12::1]@evil.example.com/",
    "ftp://127.0.0.1/",
  ])("may not be without TLS what is far from it: %s", (url) => {
    expect(() => readConfig({ ...VALID, ...ONE_MACHINE, EVENTS_URL: url })).toThrow("loopback or private address");
  });
});
