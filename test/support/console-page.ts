/** The console as a person uses it. */
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { openPage } from "./web-page.ts";

/** How long to poll for what the page says: what a person does is several calls. */
export const PATIENTLY = { timeout: 10_000 };

let users = 0;

/** Opens the console of a server, about a user whom no other test has. */
export async function openConsole(browser: Browser, url: string, options?: BrowserContextOptions) {
  const opened = await openPage(browser, `${url}/console`, options);
  const { page } = opened;
  users++;
  await page
    .getByLabel("AppInstanceUser ARN")
    .fill(`arn:aws:chime:us-east-1:123456789012:app-instance/test/user/console-${process.pid}-${users}`);
  return { ...opened, status: page.getByRole("status") };
}

export function press(page: Page, name: string): Promise<void> {
  return page.getByRole("button", { name, exact: true }).click();
}

export async function lookUp(page: Page): Promise<void> {
  await press(page, "Look up");
  await expect.poll(() => page.getByRole("status").textContent(), PATIENTLY).toContain("Looked up ");
}

export async function register(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name optional").fill(name);
  await press(page, "Register");
  await expect.poll(() => page.getByRole("status").textContent(), PATIENTLY).toContain("Registered as");
}

export async function hasFocus(target: Locator): Promise<boolean> {
  return (await target.count()) === 1 && target.evaluate((element) => element === element.ownerDocument.activeElement);
}
