import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

// Without a browser a developer still can test the rest; CI installs one, and must not go without.
if (executablePath === undefined && process.env.CI) throw new Error("CI needs a browser: install chromium");

describe.runIf(executablePath !== undefined)("report.html in a real browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: ["--no-sandbox", "--disable-gpu"],
    });
  });
  afterAll(() => browser.close());

  describe.each(["go", "no-go", "killed", "not-judged"])("%s", (name) => {
    test.each([
      ["a phone", 390],
      ["a desktop", 1280],
    ])("reads on %s, asks nobody for anything and logs no error", async (_, width) => {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const requests: string[] = [];
      const errors: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
      page.on("pageerror", (error) => errors.push(String(error)));
      const file = pathToFileURL(`${import.meta.dirname}/golden/${name}.html`).href;
      await page.goto(file);
      expect(requests).toEqual([file]);
      expect(errors).toEqual([]);
      expect(await page.locator("h1").first().isVisible()).toBe(true);
      const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
      expect(overflow).toBeLessThanOrEqual(0);
      await page.close();
    });
  });

  test("a NO-GO shows its verdict first, and hostile text of a target as text", async () => {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(`${import.meta.dirname}/golden/no-go.html`).href);
    expect(await page.locator("h1").first().innerText()).toContain("NO-GO");
    expect(await page.locator("script").count()).toBe(0);
    await page.close();
  });
});
