/** The product's page as a test drives it, in the window and in a browser alike. Elements are found by their test id. */
import { By, Key } from "selenium-webdriver";
import { until } from "./until.mjs";

export { Key };

/** One page under WebDriver. */
export class Page {
  /** @param {import("selenium-webdriver").WebDriver} driver */
  constructor(driver) {
    this.driver = driver;
  }

  /** CSS for a test id, and for the symbol it stands for. */
  static css(id, symbol) {
    return `[data-testid="${id}"]${symbol ? `[data-symbol="${symbol}"]` : ""}`;
  }

  /** The element, as soon as it is there and shown. */
  element(id, symbol, within = 15_000) {
    return until(`${id} ${symbol ?? ""} on the page`, async () => {
      const [found] = await this.driver.findElements(By.css(Page.css(id, symbol)));
      return found && (await found.isDisplayed()) ? found : undefined;
    }, { within });
  }

  async has(id, symbol) {
    return (await this.driver.findElements(By.css(Page.css(id, symbol)))).length > 0;
  }

  /** Clicks; tried again when the page has just repainted that spot. */
  async click(id, symbol) {
    await until(`${id} ${symbol ?? ""} can be clicked`, async () => {
      await (await this.element(id, symbol)).click();
      return true;
    });
  }

  /** Replaces a field's text as a person would. */
  async type(id, text) {
    const field = await this.element(id);
    await field.click();
    await this.run("arguments[0].select()", field);
    await field.sendKeys(text);
  }

  /** What an element says. Asked of the page itself: WebKit's driver leaves out text that is cut with an ellipsis. */
  async text(id, symbol) {
    return this.run("return arguments[0].innerText", await this.element(id, symbol));
  }

  /** The symbols of the list's rows, top to bottom. */
  rows() {
    return this.run(`return [...document.querySelectorAll('${Page.css("row")}')].map((row) => row.dataset.symbol)`);
  }

  /** The price that a row shows, as the payload had it. */
  async price(symbol) {
    const text = await this.run(
      `const row = document.querySelector(arguments[0]); const cell = row && row.querySelector('[data-price]'); return cell && cell.dataset.price`,
      Page.css("row", symbol),
    );
    return text === null || text === undefined ? undefined : Number(text);
  }

  run(script, ...values) {
    return this.driver.executeScript(script, ...values);
  }

  /** The page as a PNG. */
  async picture() {
    return Buffer.from(await this.driver.takeScreenshot(), "base64");
  }

  /** What the page says, for a failure's message. */
  async tail() {
    return String(await this.run("return document.body.innerText")).slice(0, 1500);
  }
}
