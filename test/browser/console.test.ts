import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { startChromium } from "../support/chromium.ts";
import { hasFocus, lookUp, openConsole, PATIENTLY, press, register } from "../support/console-page.ts";
import { serve } from "../support/server.ts";

const local = serve();
const chromium = startChromium();

/** Has Tab come to an element, as often as a person would press it. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed++) {
    await page.keyboard.press("Tab");
    if (await hasFocus(target)) {
      return;
    }
  }
  expect.fail(`Tab does not come to ${target}`);
}

describe("the console", () => {
  it("tells a user's whole story by keyboard", async () => {
    const { page, status, complaints, requests } = await openConsole(chromium.browser, local.url);
    const said = () => expect.poll(() => status.textContent(), PATIENTLY);
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    const { keyboard } = page;

    await keyboard.press("Enter"); // In the field with the ARN.
    await said().toMatch(/^Looked up console-[\d-]+\. 0 of 10 slots used\.$/);
    await tabTo(page, page.getByLabel("Name optional"));
    await keyboard.type("Alice’s phone");
    await tabTo(page, button("Register"));
    await keyboard.press("Enter");
    await said().toMatch(/^Registered as [\w-]{36}\. 1 of 10 slots used\.$/);

    await tabTo(page, button("Replay this call"));
    await keyboard.press("Enter");
    await said().toBe("A replay: the same endpoint, and nothing was registered.");

    await tabTo(page, button("Mute Alice’s phone"));
    await keyboard.press("Enter");
    await said().toBe("Alice’s phone is muted.");
    expect(await hasFocus(button("Unmute Alice’s phone"))).toBe(true);

    await tabTo(page, button("Rename Alice’s phone"));
    await keyboard.press("Enter");
    await expect.poll(() => hasFocus(page.getByLabel("New name"))).toBe(true);
    await keyboard.press("ControlOrMeta+a");
    await keyboard.type("Old phone");
    await keyboard.press("Enter");
    await said().toBe("Its name is Old phone now.");
    await expect.poll(() => hasFocus(button("Rename Old phone"))).toBe(true);

    await tabTo(page, button("Details Old phone"));
    await keyboard.press("Enter");
    await said().toBe("Its details are shown.");
    expect(await page.locator(".details").textContent()).toContain("made-up-");

    await tabTo(page, button("Deregister Old phone"));
    await keyboard.press("Enter");
    await expect.poll(() => hasFocus(button("Keep it"))).toBe(true);
    await keyboard.press("Escape");
    await expect.poll(() => hasFocus(button("Deregister Old phone"))).toBe(true);
    await keyboard.press("Enter");
    await expect.poll(() => hasFocus(button("Keep it"))).toBe(true);
    await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Deregister" }));
    await keyboard.press("Enter");
    await said().toBe("Old phone is deregistered. 0 of 10 slots used.");
    expect(await hasFocus(page.getByRole("heading", { name: "Endpoints of" }))).toBe(true);

    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(local.url) && !url.startsWith("data:"))).toEqual([]);
    await page.close();
  });

  it("shows a replay beside the first call", async () => {
    const { page, status } = await openConsole(chromium.browser, local.url);
    await lookUp(page);
    await register(page, "Alice’s phone");
    const endpointId = /[\w-]{36}/.exec((await status.textContent()) ?? "")?.[0];
    await press(page, "Replay this call");
    await page.getByRole("table").waitFor();
    const rows = await page.getByRole("row").allInnerTexts();
    const cells = rows.map((row) => row.split("\t").map((cell) => cell.trim()));
    expect(cells[2]).toEqual(["EndpointId", endpointId, endpointId]);
    expect(cells[3]?.[1]).toBe(cells[3]?.[2]);
    expect(cells[4]).toEqual(["Slots used then", "1", "1"]);
    await page.close();
  });

  it("shows slots, states and names, and nothing where there is nothing", async () => {
    const { page } = await openConsole(chromium.browser, local.url);
    await lookUp(page);
    expect(await page.getByText("No endpoint is registered for this user.").count()).toBe(1);
    for (const name of ["First", "Second", "Third"]) {
      await register(page, name);
    }
    await press(page, "Mute Second");
    await page.getByRole("button", { name: "Unmute Second" }).waitFor();
    expect(await page.locator(".slots-words").textContent()).toBe("3 of 10 slots used, 7 remaining");
    const strokes = await page.locator(".tally i").evaluateAll((all) => all.map((stroke) => stroke.className));
    expect(strokes).toEqual(["used", "muted", "used", ...Array(7).fill("free")]);
    const facts = await page.locator(".endpoint .facts").allInnerTexts();
    expect(facts.map((text) => text.split(/\s+/))).toEqual([
      ["GCM", "ACTIVE"],
      ["GCM", "ACTIVE", "muted"],
      ["GCM", "ACTIVE"],
    ]);
    await page.close();
  });

  it("provokes every refusal over both wires, and leaves the register as it was", async () => {
    const { page, status } = await openConsole(chromium.browser, local.url);
    await lookUp(page);
    await register(page, "Alice’s phone");
    await page.getByRole("tab", { name: "Errors" }).click();
    const told: Record<string, string[]> = {};
    for (const reason of await page.locator(".reason").allTextContents()) {
      await press(page, `Try ${reason}`);
      await expect.poll(() => status.textContent(), { timeout: 10_000 }).toMatch(/^Refused, as asked: /);
      told[reason] = await page.locator(".exchange .status").allTextContents();
      const body = await page.locator(".exchange").first().locator("> .body").allTextContents();
      expect(body.join()).toContain(`"reason": "${reason}"`);
    }
    expect(told).toEqual({
      UNKNOWN_OPERATION: ["404", "404"],
      METHOD_NOT_ALLOWED: ["405", "405"],
      UNSUPPORTED_MEDIA_TYPE: ["415", "415"],
      BODY_TOO_LARGE: ["429", "413"],
      CREDENTIALS_MISSING: ["401", "401"],
      TOKEN_REFUSED: ["401", "401"],
      TOKEN_EXPIRED: ["401", "401"],
      SIGNATURE_REFUSED: ["401", "401"],
      SIGNATURE_EXPIRED: ["401", "403"],
      UNREADABLE_REQUEST: ["400", "400"],
      CONSTRAINTS_VIOLATED: ["400", "400"],
      NEXT_TOKEN_INVALID: ["400", "400"],
      NOT_AUTHORIZED: ["403", "403"],
      ENDPOINT_NOT_FOUND: ["404", "404"],
      OPERATION_RATE_EXCEEDED: ["429", "429"],
      DEVICE_ALREADY_REGISTERED: ["409", "409"],
      REQUEST_TOKEN_REUSED: ["409", "409"],
      ENDPOINT_DEREGISTERED: ["409", "409"],
      ENDPOINT_LIMIT_EXCEEDED: ["400", "400"],
    });
    await page.getByRole("tab", { name: "Endpoints" }).click();
    await lookUp(page);
    expect(await page.locator(".endpoint h3").allTextContents()).toEqual(["Alice’s phone"]);
    await page.close();
  });

  it("has a link to the user in its URL, and those before in its field", async () => {
    const { page, status } = await openConsole(chromium.browser, local.url);
    const field = page.getByLabel("AppInstanceUser ARN");
    const arn = await field.inputValue();
    await lookUp(page);
    await register(page, "Alice’s phone");
    await page.getByRole("link", { name: "See the call" }).first().click();
    expect(new URL(page.url()).hash).toBe(`#${new URLSearchParams({ user: arn })}`);
    await page.reload();
    await expect.poll(() => status.textContent(), PATIENTLY).toContain("1 of 10 slots used.");
    expect(await field.inputValue()).toBe(arn);
    expect(
      await page.locator("#recent option").evaluateAll((all) => all.map((one) => one.getAttribute("value"))),
    ).toEqual([arn]);
    await page.close();
  });

  it("shows what became of a registration, with nothing over it", async () => {
    const { page } = await openConsole(chromium.browser, local.url, { viewport: { width: 1280, height: 800 } });
    await lookUp(page);
    await register(page, "Alice’s phone");
    const bottom = async (selector: string) => {
      const box = await page.locator(selector).boundingBox();
      return (box?.y ?? 0) + (box?.height ?? 0);
    };
    const top = async () => (await page.locator("footer").boundingBox())?.y ?? 0;
    await expect.poll(async () => (await bottom(".registered")) <= (await top())).toBe(true);
    await page.close();
  });

  it("tells of a call that is refused or not answered", async () => {
    const { page, status } = await openConsole(chromium.browser, local.url);
    await page.getByLabel("Bearer token").fill("not-a-token");
    await press(page, "Look up");
    await expect.poll(() => status.textContent(), PATIENTLY).toContain("Look up: TOKEN_REFUSED.");
    expect(await page.locator(".refused strong").textContent()).toBe("TOKEN_REFUSED");
    await page.context().setOffline(true);
    await press(page, "Look up");
    await expect
      .poll(() => status.textContent(), PATIENTLY)
      .toBe("Look up: NO_ANSWER. No answer came. Is the server running?");
    await page.close();
  });

  it("shows what callers named as they named it, and runs none of it", async () => {
    const { page, complaints } = await openConsole(chromium.browser, local.url);
    const names = [
      '<img src=x onerror="document.title = 1">',
      "<script>document.title = 2</script>",
      "\"'`document.title = 3`</h3>",
    ];
    await lookUp(page);
    for (const name of names) {
      await register(page, name);
    }
    const first = page.locator(".endpoint").first();
    await first.getByRole("button", { name: "Details" }).click();
    await page.locator(".details").waitFor();
    await first.getByRole("button", { name: "Deregister" }).click();
    expect(await page.getByRole("dialog").getByRole("heading").textContent()).toBe(`Deregister ${names[0]}?`);
    expect(await page.locator(".endpoint h3").allTextContents()).toEqual(names);
    expect(await page.locator("#console img, #console script").count()).toBe(0);
    expect(await page.title()).toBe("Rollcall console");
    expect(complaints).toEqual([]);
    await page.close();
  });
});
