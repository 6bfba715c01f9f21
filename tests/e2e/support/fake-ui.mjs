/** The interface on its made-up desk and market: built once, served, and shown by a headless Chromium. */
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { scratch, TOP } from "./process.mjs";

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"];
/** When the made-up market is. */
const NOW = new Date("2026-11-24T19:42:20Z");

/** The page on made-up data, opened as often as wanted. */
export class FakeUi {
  static async started() {
    const it = new FakeUi();
    const outDir = scratch("quickstocks-ui-");
    // The made-up platform is left out of what is built for people.
    process.env.NODE_ENV = "development";
    const common = { configFile: `${TOP}/ui/vite.config.ts`, logLevel: "warn" };
    await build({ ...common, mode: "development", build: { outDir } });
    it.server = await preview({ ...common, build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
    it.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: QUIET });
    return it;
  }

  /**
   * A page in a scenario, settled.
   * @param {string} scenario
   * @param {import("playwright-core").BrowserContextOptions} [options]
   */
  async open(scenario, options = {}) {
    const page = await this.browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
    page.setDefaultTimeout(10_000);
    page.problems = [];
    page.on("pageerror", (error) => page.problems.push(error.message));
    await page.clock.setFixedTime(NOW);
    await page.goto(`${this.server.resolvedUrls.local[0]}?platform=fake&scenario=${scenario}`);
    await page.getByTestId(scenario === "firstrun" ? "first-run" : "feed-state").waitFor();
    return page;
  }

  async stop() {
    await this.browser.close();
    await new Promise((resolve) => this.server.httpServer.close(resolve));
  }
}
