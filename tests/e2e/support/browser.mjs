/** A headless Chromium, driven through ChromeDriver. */
import { Builder, Capabilities } from "selenium-webdriver";
import { Page } from "./page.mjs";
import { Process, scratch } from "./process.mjs";

const QUIET = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1280,800",
];

/** A browser with an empty profile. */
export class Browser {
  static async opened() {
    const browser = new Browser();
    browser.driverProcess = new Process("chromedriver", ["--port=0"]);
    const [, port] = await browser.driverProcess.line(/started successfully on port (\d+)/);
    const options = { args: [...QUIET, `--user-data-dir=${scratch("quickstocks-chromium-")}`] };
    const capabilities = new Capabilities({ browserName: "chrome", "goog:chromeOptions": options });
    browser.driver = await new Builder().disableEnvironmentOverrides().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
    browser.page = new Page(browser.driver);
    return browser;
  }

  /** Goes to an address. */
  async visit(address) {
    await this.driver.get(address);
    return this.page;
  }

  async close() {
    await this.driver.quit().catch(() => {});
    await this.driverProcess.stop();
  }
}
