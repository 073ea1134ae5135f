/**
 * The web console in a real browser: Chromium from the system's packages, without a window. Whatever the page reports as an
 * error (an exception, a refused script) is kept, and fails the test at the end of the scope (`await using`).
 */
import { deepEqual } from "node:assert/strict";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { testWith } from "./claim.ts";
import { patienceMs, type TestServer } from "./server.ts";

const chromium = "chromium";

/** Registers a test that needs the browser. */
export function testInBrowser(name: string, run: () => Promise<void>): void {
  testWith([chromium], name, run);
}

export class ConsolePage implements AsyncDisposable {
  private constructor(readonly page: Page, readonly errors: string[], private readonly browser: Browser) {}

  /** Opens an address of the server (`/console/#/projects`); with a key, signed in with it. */
  static async open(server: TestServer, path: string, key: string | null = server.adminKey): Promise<ConsolePage> {
    const browser = await puppeteer.launch({
      browser: "chrome",
      executablePath: chromiumPath(),
      // Its own sandbox wants rights that a container and root have not; it sees nothing but the server under test.
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      timeout: patienceMs,
    });
    const page = await browser.newPage();
    const errors: string[] = [];
    page.setDefaultTimeout(patienceMs);
    await page.setViewport({ width: 1280, height: 900 });
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      // The server's refusals are shown in the page; the browser reports each of them as well.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) errors.push(message.text());
    });
    const console = new ConsolePage(page, errors, browser);
    try {
      if (key !== null) {
        await page.evaluateOnNewDocument((value: string) => {
          if (sessionStorage.getItem("eider.key") === null) sessionStorage.setItem("eider.key", value);
        }, key);
      }
      await page.goto(`${server.rest.baseUrl}${path}`, { timeout: patienceMs });
    } catch (error) {
      await browser.close();
      throw error;
    }
    return console;
  }

  /** Waits until the page shows a text. */
  async sees(text: string): Promise<void> {
    try {
      await this.page.locator(`::-p-text(${text})`).wait();
    } catch (error) {
      throw new Error(`the page does not show "${text}":\n${await this.text()}`, { cause: error });
    }
  }

  /** Clicks what has this text (a button, a link, a tab). */
  async click(text: string, kind: "button" | "a" = "button"): Promise<void> {
    await this.page.locator(`${kind}::-p-text(${text})`).click();
  }

  /** All of the page's visible text. */
  async text(): Promise<string> {
    return await this.page.$eval("body", (body) => (body as unknown as { innerText: string }).innerText);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    deepEqual(this.errors, [], "the browser reported errors");
  }
}

function chromiumPath(): string {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/${chromium}`;
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`${chromium} is not on PATH`);
}
