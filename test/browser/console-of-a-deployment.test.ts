import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { startChromium } from "../support/chromium.ts";
import { lookUp, openConsole, PATIENTLY, press, register } from "../support/console-page.ts";
import { serve } from "../support/server.ts";

const OPERATOR_SECRET = "a-secret-of-the-operators-issuer-in-tests";

/** A server that lets its operators perform these. */
function allowing(action: string | string[]) {
  return serve({
    PAGES: "console",
    PRINCIPAL_OPERATORS: JSON.stringify({
      tokenIssuer: { issuer: "operators", audience: "rollcall", secrets: [OPERATOR_SECRET] },
      policy: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: action, Resource: "*" } },
    }),
  });
}

const deployed = allowing("chime:*");
const withoutSending = allowing(
  ["Register", "Describe", "List"].map((verb) => `chime:${verb}AppInstanceUserEndpoint*`),
);
const chromium = startChromium();

async function operatorToken(): Promise<string> {
  const token = new SignJWT().setProtectedHeader({ alg: "HS256" }).setIssuer("operators").setAudience("rollcall");
  return token.setSubject("olga").setExpirationTime("1 hour").sign(new TextEncoder().encode(OPERATOR_SECRET));
}

describe("the console of a deployment", () => {
  it("calls with the operator's token, which stands in no URL, text, log or store and is gone with the tab", async () => {
    const { page, requests, said } = await openConsole(chromium.browser, deployed.url);
    const token = await operatorToken();
    await page.getByLabel("Bearer token").fill(token);
    expect(await page.locator("#token-note").textContent()).toContain("It says: olga, good until");
    await lookUp(page);
    await page.getByLabel("Resource ARN").fill("arn:aws:mobiletargeting:us-east-1:123456789012:apps/test");
    await register(page, "Alice’s phone");
    await page.locator("summary").click();
    const texts = await page.locator("body").allInnerTexts();
    for (const language of ["AWS CLI", "curl", "Python", "TypeScript", "curl, Connect"]) {
      await page.getByRole("tab", { name: language, exact: true }).click();
      texts.push(...(await page.getByRole("tabpanel", { name: language, exact: true }).allInnerTexts()));
    }
    expect(texts.join()).toContain("Bearer $TOKEN");
    expect([...texts, ...requests, ...said, page.url()].filter((text) => text.includes(token))).toEqual([]);
    const stored = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, name])";
    expect(await page.evaluate(stored)).toBe('[{},{},"",null,""]');
    await page.reload();
    expect(await page.getByLabel("Bearer token").inputValue()).toBe("");
    await page.close();
  });

  it("shows what it may to whoever may not ask as a sender", async () => {
    const { page } = await openConsole(chromium.browser, withoutSending.url);
    await page.getByLabel("Bearer token").fill(await operatorToken());
    await lookUp(page);
    await page.getByLabel("Resource ARN").fill("arn:aws:mobiletargeting:us-east-1:123456789012:apps/test");
    await register(page, "Alice’s phone");
    expect(await page.locator(".endpoint .id").textContent()).toContain("token confirmed just now");
    await page.getByRole("tab", { name: "Sending" }).click();
    expect(await page.locator(".sending .refused").textContent()).toContain("NOT_AUTHORIZED");
    await press(page, "Report");
    await expect.poll(() => page.getByRole("status").textContent(), PATIENTLY).toContain("Report: NOT_AUTHORIZED.");
    await page.close();
  });

  it("makes no token by itself, and prefills nobody", async () => {
    const { page, status } = await openConsole(chromium.browser, deployed.url);
    await press(page, "Look up");
    await expect.poll(() => status.textContent(), PATIENTLY).toContain("Look up: CREDENTIALS_MISSING.");
    await page.getByRole("tab", { name: "Errors" }).click();
    expect(await page.getByRole("button", { name: "Try TOKEN_EXPIRED" }).isDisabled()).toBe(true);
    await page.reload();
    expect(await page.getByLabel("AppInstanceUser ARN").inputValue()).toBe("");
    expect(await page.getByRole("link", { name: "API reference" }).count()).toBe(0);
    await page.close();
  });
});
