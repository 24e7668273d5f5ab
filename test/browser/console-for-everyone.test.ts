import { describe, expect, it } from "vitest";
import { startChromium } from "../support/chromium.ts";
import { hasFocus, lookUp, openConsole, PATIENTLY, press, register } from "../support/console-page.ts";
import { serve } from "../support/server.ts";
import { accessibilityViolations, contentWidth } from "../support/web-page.ts";

const PHONE = { width: 360, height: 780 };

const local = serve();
const chromium = startChromium();

/** What Chromium complains of besides answers that are no success, which are what the console is there to show. */
function otherThanRefusals(complaints: readonly string[]): string[] {
  return complaints.filter(
    (complaint) => !/^Failed to load resource: the server responded with a status of 4/.test(complaint),
  );
}

describe("the console for everyone", () => {
  describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
    it("has names, roles and contrast in all its states", async () => {
      const { page, complaints } = await openConsole(chromium.browser, local.url, { colorScheme });
      const checked = async () => expect(await accessibilityViolations(page)).toEqual({});
      await checked();
      await lookUp(page);
      await register(page, "Alice’s phone");
      await register(page, "");
      await press(page, "Mute Alice’s phone");
      await page.getByRole("button", { name: "Unmute Alice’s phone" }).waitFor();
      await press(page, "Details Alice’s phone");
      await page.locator(".details").waitFor();
      await press(page, "Replay this call");
      await page.getByRole("table").waitFor();
      await page.locator("summary").click();
      await checked();
      await press(page, "Rename Alice’s phone");
      await checked();
      await press(page, "Deregister Alice’s phone");
      await checked();
      await press(page, "Keep it");
      await page.getByRole("tab", { name: "Errors" }).click();
      await press(page, "Try ENDPOINT_DEREGISTERED");
      await page.getByText("409").first().waitFor();
      await checked();
      expect(otherThanRefusals(complaints)).toEqual([]);
      await page.close();
    });
  });

  it("follows the colours that a reader prefers", async () => {
    const { page } = await openConsole(chromium.browser, local.url, { colorScheme: "light" });
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(background).not.toBe(light);
    await page.close();
  });

  it("fits a phone", async () => {
    const { page, status } = await openConsole(chromium.browser, local.url, { viewport: PHONE });
    expect(await contentWidth(page)).toBe(PHONE.width);
    await lookUp(page);
    await register(page, "A-name-without-a-break-that-is-longer-than-a-phone-is-wide-".repeat(4));
    await page.getByRole("button", { name: "Details" }).click();
    await page.locator(".details").waitFor();
    await press(page, "Replay this call");
    await page.getByRole("table").waitFor();
    expect(await contentWidth(page)).toBe(PHONE.width);
    for (const language of ["curl", "Python", "TypeScript", "curl, Connect"]) {
      await page.getByRole("tab", { name: language, exact: true }).click();
      expect(await contentWidth(page)).toBe(PHONE.width);
    }
    await page.getByRole("tab", { name: "Errors" }).click();
    await press(page, "Try CONSTRAINTS_VIOLATED");
    await expect.poll(() => status.textContent(), PATIENTLY).toContain("CONSTRAINTS_VIOLATED");
    expect(await contentWidth(page)).toBe(PHONE.width);
    await page.getByRole("link", { name: "See the call" }).click();
    await expect.poll(() => hasFocus(page.locator("#wire"))).toBe(true);
    await page.close();
  });

  it("moves nothing for those who asked for that", async () => {
    const { page } = await openConsole(chromium.browser, local.url, { reducedMotion: "reduce" });
    await lookUp(page);
    const moving = await page.evaluate(
      "[...document.querySelectorAll('*')].filter((element) => getComputedStyle(element).transitionDuration !== '0s').length",
    );
    expect(moving).toBe(0);
    await page.close();
  });
});
