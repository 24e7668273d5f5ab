import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { startChromium } from "../support/chromium.ts";
import { hasFocus, lookUp, openConsole, PATIENTLY, press, register } from "../support/console-page.ts";
import { serve } from "../support/server.ts";
import { accessibilityViolations, contentWidth } from "../support/web-page.ts";

const PHONE = { width: 390, height: 844 };
const OTHER_APP = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/other";

const adopting = serve({ LOCAL_MODE: "true", SAME_DEVICE: "adopt" });
const refusing = serve();
const moving = serve({ LOCAL_MODE: "true", SAME_DEVICE: "adopt", DEVICES: "move" });
const chromium = startChromium();

/** The console about a user who has a phone with a VoIP token, a muted tablet, and a watch of another application. */
async function openWithThree(url: string, options?: Parameters<typeof openConsole>[2]) {
  const opened = await openConsole(chromium.browser, url, options);
  const { page, status } = opened;
  await lookUp(page);
  await page.getByLabel("VoIP device token").fill("a-voip-token");
  await register(page, "Phone");
  await register(page, "Tablet");
  await page.getByLabel("Resource ARN").fill(OTHER_APP);
  await register(page, "Watch");
  await press(page, "Mute Tablet");
  await expect.poll(() => status.textContent(), PATIENTLY).toBe("Tablet is muted.");
  await page.getByRole("tab", { name: "Sending" }).click();
  return { ...opened, said: (text: string) => expect.poll(() => status.textContent(), PATIENTLY).toBe(text) };
}

/** Of each endpoint what the page says of it, and why. */
async function verdicts(page: Page): Promise<string[]> {
  const texts = await page.locator(".verdicts li").allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, " ").replace(/ token confirmed just now$/, ""));
}

/** Reports a failure of the chosen endpoint, and answers what the page says of it. */
async function report(page: Page, word: string): Promise<string[]> {
  await page.getByLabel("The push service’s word").selectOption(word);
  await press(page, "Report");
  await expect.poll(() => page.getByRole("status").textContent(), PATIENTLY).toMatch(/^Reported: /);
  expect(await page.locator(".registered code").allTextContents()).toEqual([word]);
  return page.locator(".registered").locator(".fact, p:nth-child(2)").allTextContents();
}

function choose(page: Page, label: string): Promise<void> {
  return page
    .getByLabel("Endpoint", { exact: true })
    .selectOption({ label })
    .then(() => undefined);
}

describe("what a sender gets", () => {
  it("is told of each endpoint, and why one is left out", async () => {
    const { page, said, complaints } = await openWithThree(adopting.url);
    expect(await page.locator(".sending .slots-words").textContent()).toBe("2 of 3 endpoints may be woken");
    expect(await verdicts(page)).toEqual([
      "sent to Phone",
      "left out Tablet Muted: its user wants no messages there.",
      "sent to Watch",
    ]);
    await page.getByLabel("Application", { exact: true }).selectOption({ label: "of apps/other" });
    await said("A sender gets 1 of 3 endpoints.");
    expect(await verdicts(page)).toEqual([
      "left out Phone It is of another application.",
      "left out Tablet Muted: its user wants no messages there.",
      "sent to Watch",
    ]);
    expect(await page.locator(".entry h3").textContent()).toBe("Resolve");
    await page.locator(".entry summary").click();
    expect(await page.locator(".exchange details").textContent()).toContain(`"resourceArn": "${OTHER_APP}"`);

    await choose(page, "Tablet (GCM)");
    await report(page, "ExpiredToken");
    expect(await verdicts(page)).toContain(
      "left out Tablet INACTIVE: its push service refused the token. Muted: its user wants no messages there.",
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("is asked for by the call that every client can make", async () => {
    const { page } = await openWithThree(adopting.url);
    await press(page, "Ask again");
    await page.locator(".entry h3", { hasText: "Resolve" }).waitFor();
    for (const [language, text] of [
      ["AWS CLI", "--aws-sigv4 aws:amz:us-east-1:chime"],
      ["curl", "/app-instance-user-endpoints/resolve"],
      ["Python", "SigV4Auth("],
      ["TypeScript", "rollcall.resolveAppInstanceUserEndpoints({"],
      ["curl, Connect", "/rollcall.v1.AppInstanceUserEndpointService/ResolveAppInstanceUserEndpoints"],
    ] as const) {
      await page.getByRole("tab", { name: language, exact: true }).click();
      expect(await page.locator("#equivalent pre").textContent()).toContain(text);
    }
    await page.getByRole("tab", { name: "AWS CLI", exact: true }).click();
    expect(await page.locator("#equivalent").textContent()).toContain("it is Rollcall’s own");
    await page.close();
  });
});

describe("a failed push", () => {
  it("does what the page said that its word will do, in plain words", async () => {
    const { page } = await openWithThree(adopting.url);
    const foretold = () => page.locator("#word-note").textContent();
    expect(await foretold()).toBe("Makes the endpoint INACTIVE at once.");

    await page.getByLabel("The push service’s word").selectOption("BadDeviceToken");
    expect(await foretold()).toBe("Makes it INACTIVE only if two pushes fail like this, 24 hours apart.");
    expect((await report(page, "BadDeviceToken"))[0]).toBe("SUSPECTED");

    expect(await report(page, "PayloadTooLarge")).toEqual([
      "REASON_IGNORED",
      "Nothing changed: this word says nothing of the token.",
    ]);

    await page.getByLabel("its VoIP token").check();
    expect((await report(page, "BadDeviceToken"))[0]).toBe("REASON_IGNORED");
    expect((await report(page, "Unregistered"))[0]).toBe("VOIP_TOKEN_REMOVED");
    await expect.poll(() => page.getByLabel("its VoIP token").count()).toBe(0);
    await page.close();
  });

  it("harms no token that was replaced, or named since", async () => {
    const { page } = await openWithThree(adopting.url);
    await page.getByLabel("earlier").check();
    expect(await report(page, "NotRegistered")).toEqual([
      "CONFIRMED_SINCE",
      "Nothing changed: the app has named the token since.",
    ]);
    await page.getByLabel("just now").check();
    await page.getByLabel("another", { exact: true }).check();
    await page.getByLabel("Another token").fill("the-token-of-an-old-log");
    expect((await report(page, "Unregistered"))[0]).toBe("TOKEN_REPLACED");
    expect((await verdicts(page))[0]).toBe("sent to Phone");
    await page.close();
  });

  it("takes a word that is not in the table", async () => {
    const { page, status } = await openWithThree(adopting.url);
    await page.getByLabel("The push service’s word").selectOption({ label: "Another word" });
    const word = page.getByLabel("Another word", { exact: true });
    await word.fill("SomethingNew");
    await press(page, "Report");
    await expect.poll(() => status.textContent(), PATIENTLY).toBe("Reported: REASON_IGNORED.");
    await word.fill("messaging/registration-token-not-registered");
    expect(await page.locator("#word-note").textContent()).toBe("Makes the endpoint INACTIVE at once.");
    await press(page, "Report");
    await expect.poll(() => status.textContent(), PATIENTLY).toBe("Reported: DEACTIVATED.");
    expect((await verdicts(page))[0]).toBe("left out Phone INACTIVE: its push service refused the token.");
    await page.close();
  });
});

describe("an endpoint whose device another user has by now", () => {
  it("is not said to be one that its push service refused", async () => {
    const [former, present] = [
      await openConsole(chromium.browser, moving.url),
      await openConsole(chromium.browser, moving.url),
    ];
    for (const { page } of [former, present]) {
      await lookUp(page);
      await page.getByLabel("Device token", { exact: true }).fill("a-token-of-both");
      await register(page, "Phone");
    }
    await lookUp(former.page);
    const why = "its push service refused the token, or another user has the device now.";
    expect(await former.page.locator(".inactive span").textContent()).toContain(`Nothing is sent to it: ${why}`);
    await former.page.getByRole("tab", { name: "Sending" }).click();
    expect(await verdicts(former.page)).toEqual([`left out Phone INACTIVE: ${why}`]);
    await Promise.all([former.page.close(), present.page.close()]);
  });
});

describe("an endpoint whose token is dead", () => {
  async function openWithDead(url: string) {
    const opened = await openWithThree(url);
    await report(opened.page, "Unregistered");
    await opened.page.getByRole("tab", { name: "Endpoints" }).click();
    const facts = async () =>
      ((await opened.page.locator(".endpoint .facts").first().textContent()) ?? "").trim().replace(/\s+/g, " ");
    expect(await facts()).toBe("GCM INACTIVE: INVALID_DEVICE_TOKEN");
    const ids = () => opened.page.locator(".endpoint .id code").allTextContents();
    return { ...opened, facts, ids, before: await ids() };
  }

  it.each([
    ["that adopts", adopting],
    ["that does not", refusing],
  ])("is ACTIVE again, as the same endpoint, once its device is registered: on a server %s", async (_, server) => {
    const { page, said, facts, ids, before } = await openWithDead(server.url);
    const strokes = () => page.locator(".tally i").first().getAttribute("class");
    expect(await strokes()).toBe("inactive");
    await press(page, "Register again Phone");
    await said("Phone is ACTIVE again: the same endpoint.");
    expect([await facts(), await ids(), await strokes()]).toEqual(["GCM ACTIVE", before, "used"]);
    expect(await page.getByRole("button", { name: "Register again Phone" }).count()).toBe(0);
    await page.close();
  });

  it("is ACTIVE again with another token, and says so", async () => {
    const { page, said, facts, ids, before } = await openWithDead(adopting.url);
    await press(page, "Token of Phone");
    const field = page.getByLabel("New device token");
    await expect.poll(() => hasFocus(field)).toBe(true);
    const token = await field.inputValue();
    expect(token).toMatch(/^made-up-/);
    await press(page, "Rotate");
    await said("Rotated: pushes to Phone go to the new token. It is ACTIVE again.");
    await expect.poll(() => hasFocus(page.getByRole("button", { name: "Token of Phone" }))).toBe(true);
    expect([await facts(), await ids()]).toEqual(["GCM ACTIVE", before]);
    await press(page, "Details Phone");
    expect(await page.locator(".details").textContent()).toContain(token);
    await page.close();
  });

  it("is ACTIVE again where its app confirms the token", async () => {
    const { page, said, facts } = await openWithDead(adopting.url);
    await press(page, "Token of Phone");
    await press(page, "Confirm the present one");
    await said("Confirmed: Phone still has its token. It is ACTIVE again.");
    expect(await facts()).toBe("GCM ACTIVE");
    await page.close();
  });
});

describe("a token that another endpoint has", () => {
  it("is refused, and the form stays", async () => {
    const { page, status } = await openWithThree(refusing.url);
    await page.getByRole("tab", { name: "Endpoints" }).click();
    await press(page, "Details Phone");
    const token = (await page.locator(".details dd").nth(1).textContent()) ?? "";
    await press(page, "Token of Tablet");
    await page.getByLabel("New device token").fill(token);
    await press(page, "Rotate");
    await expect.poll(() => status.textContent(), PATIENTLY).toContain("Update: DEVICE_ALREADY_REGISTERED.");
    expect(await page.getByLabel("New device token").inputValue()).toBe(token);
    await page.keyboard.press("Escape");
    await page.close();
  });
});

describe("the part for senders", () => {
  it.each(["light", "dark"] as const)("has names, roles and contrast on a phone, in the %s", async (colorScheme) => {
    const { page } = await openWithThree(adopting.url, { viewport: PHONE, colorScheme });
    const checked = async () => {
      expect(await accessibilityViolations(page)).toEqual({});
      expect(await contentWidth(page)).toBe(PHONE.width);
    };
    await report(page, "Unregistered");
    await page.getByLabel("earlier").check();
    await page.getByLabel("another", { exact: true }).check();
    await page.getByLabel("The push service’s word").selectOption({ label: "Another word" });
    await checked();
    await page.getByRole("tab", { name: "Endpoints" }).click();
    await press(page, "Token of Tablet");
    await checked();
    await page.close();
  });
});
