/** The same interface in a browser: the one-time login link, live rows, and nothing for pages of another origin. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Browser } from "./support/browser.mjs";
import { Daemon } from "./support/daemon.mjs";
import { Listener } from "./support/mqtt.mjs";
import { Key } from "./support/page.mjs";
import { until } from "./support/until.mjs";

/** @type {Daemon} */ let daemon;
/** @type {Browser} */ let browser;
let link;

before(async () => {
  daemon = await Daemon.started();
  link = await daemon.loginLink();
  browser = await Browser.opened();
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

test("the login link opens a live list", async () => {
  const page = await browser.visit(link);
  if (await until("the page has settled", async () => (await page.has("first-run")) ? "first" : (await page.has("row")) && "rows") === "first") await page.click("first-run-start");
  await page.element("row", "AAPL");
  assert.ok(!(await browser.driver.getCurrentUrl()).includes("code"), "the code is not kept in the address");
  const first = await until("a price", () => page.price("AAPL"));
  await until("it moves", async () => (await page.price("AAPL")) !== first);
});

test("what the row shows is what the broker says", async () => {
  const { page } = browser;
  const reader = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/AAPL");
  for (let change = 0; change < 3; change += 1) {
    // On a busy machine the page may still show what was published before our socket was there, so it is read again.
    const shown = await until("the shown price is a published one", async () => {
      const price = await page.price("AAPL");
      return (reader.heard.get("quickstocks/v1/quote/AAPL") ?? []).some((text) => JSON.parse(text).price === price) && price;
    });
    await until("the next change", async () => (await page.price("AAPL")) !== shown);
  }
  await reader.close();
});

test("searching and following works as in the window", async () => {
  const { page } = browser;
  await page.type("search-input", "tesla");
  await page.element("search-option", "TSLA");
  await (await page.element("search-input")).sendKeys(Key.ENTER);
  await page.element("row", "TSLA");
  const { body } = await daemon.call("GET", "/users/me/watchlists/default");
  assert.ok(body.symbols.includes("TSLA"));
});

test("the link works once", async () => {
  const second = await Browser.opened();
  try {
    const page = await second.visit(link);
    await page.element("login-token");
    assert.equal(await page.has("row"), false);
  } finally {
    await second.close();
  }
});

test("a page of another origin gets nothing, even in the browser that is logged in", async () => {
  const elsewhere = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<title>elsewhere</title>"));
  await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  try {
    // Another port of the same host is another origin, but the same site: cookies would go along.
    const page = await browser.visit(`http://127.0.0.1:${elsewhere.address().port}/`);
    const outcome = await browser.driver.executeAsyncScript((origin, done) => {
      const read = fetch(`${origin}/api/v1/quotes?symbols=AAPL`, { credentials: "include" }).then((r) => r.text(), () => "refused");
      const write = fetch(`${origin}/api/v1/users/me/watchlists/default/symbols/EVIL`, { method: "PUT", credentials: "include" }).then(() => "answered", () => "refused");
      const simple = fetch(`${origin}/api/v1/users/me/watchlists/default/symbols/EVIL`, { method: "POST", mode: "no-cors", credentials: "include" }).then(() => "sent", () => "refused");
      const stream = new Promise((resolve) => {
        const socket = new WebSocket(`${origin.replace("http", "ws")}/api/v1/stream`);
        socket.onmessage = () => resolve("heard");
        socket.onclose = () => resolve("refused");
      });
      Promise.all([read, write, stream, simple]).then(done);
    }, daemon.origin);
    assert.deepEqual(outcome.slice(0, 3), ["refused", "refused", "refused"]);
    const { body } = await daemon.call("GET", "/users/me/watchlists/default");
    assert.ok(!body.symbols.includes("EVIL"));
    assert.ok(page);
  } finally {
    elsewhere.close();
  }
});

test("a Host name that is not ours is refused", async () => {
  const { request } = await import("node:http");
  const status = await new Promise((resolve, reject) => {
    request({ ...daemon.api, path: "/api/v1/health", headers: { host: "rebound.example" } }, (response) => resolve(response.statusCode)).on("error", reject).end();
  });
  assert.ok(status >= 400, `status ${status}`);
});
