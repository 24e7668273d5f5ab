import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { OPERATIONS } from "../../src/worker/transport/operations.ts";
import { startChromium } from "../support/chromium.ts";
import { serve } from "../support/server.ts";
import { accessibilityViolations, contentWidth, openPage } from "../support/web-page.ts";

const local = serve();
const deployed = serve({ PAGES: "docs" });
const chromium = startChromium();

const PHONE = { width: 390, height: 844 };
const NAMES = OPERATIONS.map(({ name }) => name);

/** The reference; and what its page asked for and complained of. */
async function openReference(url: string, options?: BrowserContextOptions) {
  const opened = await openPage(chromium.browser, `${url}/docs`, options);
  await opened.page.locator(".operation").first().waitFor();
  return opened;
}

function answerTo(page: Page, name: string) {
  return page.locator(`#outcome-${name}`);
}

/** Sends the request of an operation as it is, and answers the status. */
async function send(page: Page, name: string): Promise<string | null> {
  await page.getByRole("button", { name: `Send ${name}` }).click();
  return answerTo(page, name).locator(".status").textContent();
}

/** Shows all there is. */
async function unfold(page: Page): Promise<void> {
  for (const details of await page.locator("details").all()) {
    await details.locator("summary").click();
  }
}

describe("the API reference", () => {
  it("begins with every operation by its name, and asks no other server for anything", async () => {
    const { page, requests, complaints } = await openReference(local.url, { viewport: { width: 1280, height: 800 } });
    expect(await page.locator(".overview a").allTextContents()).toEqual(NAMES);
    expect(await page.locator(".operation h2").allTextContents()).toEqual(NAMES);
    const last = await page.locator(".overview a").last().boundingBox();
    expect(last?.y).toBeLessThan(800);
    await unfold(page);
    expect(requests.filter((url) => !url.startsWith(local.url) && !url.startsWith("data:"))).toEqual([]);
    expect(requests).toContain(`${local.url}/openapi.json`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("says of each operation what it takes, answers and refuses", async () => {
    const { page } = await openReference(local.url);
    await unfold(page);
    const register = page.locator(".operation").first();
    expect(await register.locator(".members").first().locator("dt code").allTextContents()).toEqual([
      ...["AppInstanceUserArn", "Name", "Type", "ResourceArn", "EndpointAttributes"],
      ...[
        "EndpointAttributes.DeviceToken",
        "EndpointAttributes.VoipDeviceToken",
        "ClientRequestToken",
        "AllowMessages",
      ],
    ]);
    expect(await register.locator(".reason").allTextContents()).toContain("DEVICE_ALREADY_REGISTERED");
    expect(await page.locator(".all .reason").allTextContents()).toContain("CREDENTIALS_MISSING");
    expect(await page.locator("main").textContent()).not.toMatch(/undefined|NotImplemented(?!Exception)|\[object/);
    await page.close();
  });

  it("has the call beside each operation for every client, with what was edited in it", async () => {
    const { page } = await openReference(local.url);
    const register = page.locator(".operation").first();
    const request = register.getByRole("textbox");
    await request.fill((await request.inputValue()).replace("Alice's phone", "Another name"));
    for (const [language, text] of [
      ["AWS CLI", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"],
      ["curl", "/app-instance-users/arn%3Aaws"],
      ["Python", "client.register_app_instance_user_endpoint("],
      ["TypeScript", "rollcall.registerAppInstanceUserEndpoint({"],
      ["curl, Connect", "/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint"],
    ] as const) {
      await register.getByRole("tab", { name: language, exact: true }).click();
      const shown = await register.locator(".samples pre").textContent();
      expect(shown).toContain(text);
      expect(shown).toContain("Another name");
    }
    await page.close();
  });

  it("says how long a list may be, where members stand, and what the words of an answer mean", async () => {
    const { page } = await openReference(local.url);
    await unfold(page);
    const report = page.locator(".operation").nth(NAMES.indexOf("ReportAppInstanceUserEndpointFailures"));
    const members = report.locator(".members").first().locator("dt");
    const texts = (await members.allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
    expect(texts[0]).toBe("Failures a list of 1 to 100 required");
    expect(texts).toContain("Failures[].Timestamp number required");
    expect(await report.locator(".members").nth(1).textContent()).toContain("DEACTIVATED: The token is dead");
    const resolve = page.locator(".operation").nth(NAMES.indexOf("ResolveAppInstanceUserEndpoints"));
    expect(((await resolve.locator("dt").first().textContent()) ?? "").replace(/\s+/g, " ")).toBe(
      "AppInstanceUserArns a list of 1 to 100, 5 to 1600 characters required",
    );
    await page.close();
  });

  it("has no command of the AWS CLI where that has no such operation, and says so", async () => {
    const { page } = await openReference(local.url);
    const [register, resolve] = ["RegisterAppInstanceUserEndpoint", "ResolveAppInstanceUserEndpoints"].map((name) =>
      page.locator(`#samples-${name}`),
    );
    expect(await register?.textContent()).not.toContain("Rollcall’s own");
    expect(await resolve?.textContent()).toContain("it is Rollcall’s own");
    expect(await resolve?.textContent()).toContain("--aws-sigv4");
    await page.close();
  });

  it("performs the whole story of an endpoint in local mode without a token being set", async () => {
    const { page, complaints } = await openReference(local.url);
    expect(await send(page, "RegisterAppInstanceUserEndpoint")).toBe("201");
    const endpointId = /[\w-]{36}/.exec(
      (await answerTo(page, NAMES[0] ?? "")
        .locator(".body")
        .textContent()) ?? "",
    )?.[0];
    expect(await send(page, "DescribeAppInstanceUserEndpoint")).toBe("200");
    expect(await answerTo(page, "DescribeAppInstanceUserEndpoint").locator(".body").textContent()).toContain(
      endpointId,
    );
    expect(await send(page, "ListAppInstanceUserEndpoints")).toBe("200");
    expect(await send(page, "UpdateAppInstanceUserEndpoint")).toBe("200");
    expect(await send(page, "ResolveAppInstanceUserEndpoints")).toBe("200");
    expect(await answerTo(page, "ResolveAppInstanceUserEndpoints").locator(".body").textContent()).toContain(
      endpointId,
    );
    expect(await send(page, "ReportAppInstanceUserEndpointFailures")).toBe("200");
    expect(await answerTo(page, "ReportAppInstanceUserEndpointFailures").locator(".body").textContent()).toMatch(
      new RegExp(`"${endpointId}",\\s+"Effect": "DEACTIVATED"`),
    );
    expect(await send(page, "DeregisterAppInstanceUserEndpoint")).toBe("204");
    expect(await send(page, "RegisterAppInstanceUserEndpoint")).toBe("201");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("says what of a request can't be sent", async () => {
    const { page } = await openReference(local.url);
    const name = "ListAppInstanceUserEndpoints";
    const request = page.getByLabel("Try it: the request").nth(NAMES.indexOf(name));
    await request.fill("{");
    await page.getByRole("button", { name: `Send ${name}` }).click();
    expect(await answerTo(page, name).textContent()).toContain("This is not an object in JSON.");
    await request.fill('{"MaxResults": "many"}');
    await page.getByRole("button", { name: `Send ${name}` }).click();
    await expect.poll(() => answerTo(page, name).textContent()).toContain("MaxResults must be");
    await page.close();
  });

  it("calls with the token that it is given where local mode is off, and is refused without", async () => {
    const { page } = await openReference(deployed.url);
    expect(await send(page, "ListAppInstanceUserEndpoints")).toBe("401");
    await page.getByLabel("Bearer token").fill("not-a-token");
    const sent = page.waitForRequest((request) => request.url().includes("/app-instance-users/"));
    await page.getByRole("button", { name: "Send ListAppInstanceUserEndpoints" }).click();
    expect((await sent).headers().authorization).toBe("Bearer not-a-token");
    expect(await page.getByRole("link", { name: "Console" }).count()).toBe(0);
    await page.close();
  });

  it.each(["light", "dark"] as const)("has names, roles and contrast for everyone, in the %s", async (colorScheme) => {
    const { page } = await openReference(local.url, { colorScheme });
    await unfold(page);
    await send(page, "ListAppInstanceUserEndpoints");
    expect(await accessibilityViolations(page)).toEqual({});
    await page.close();
  });

  it("follows the colours that a reader prefers", async () => {
    const { page } = await openReference(local.url, { colorScheme: "light" });
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(background).not.toBe(light);
    await page.close();
  });

  it("fits a phone", async () => {
    const { page } = await openReference(local.url, { viewport: PHONE });
    await unfold(page);
    await send(page, "ListAppInstanceUserEndpoints");
    expect(await contentWidth(page)).toBe(PHONE.width);
    await page.close();
  });
});
