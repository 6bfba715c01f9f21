/** One crossing, one notification: a price that wobbles around the line, a click that opens it. Prices come from a stand-in for Yahoo. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { Listener, quoteTopic } from "./support/mqtt.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";
import { StandIn } from "./support/yahoo.mjs";

/** @type {StandIn} */ let yahoo;
/** @type {Desktop} */ let desktop;
/** @type {Window} */ let window;
/** @type {Listener} */ let reader;

before(async () => {
  yahoo = await StandIn.started();
  desktop = await Desktop.started();
  const env = {
    QUICKSTOCKS_FEED__PROVIDER: "yahoo",
    QUICKSTOCKS_FEED__POLL_INTERVAL: "1s",
    QUICKSTOCKS_PROVIDER__YAHOO__QUERY_URLS: yahoo.url,
    QUICKSTOCKS_PROVIDER__YAHOO__COOKIE_URL: `${yahoo.url}/cookie`,
    QUICKSTOCKS_PROVIDER__YAHOO__STREAM_URL: "",
    QUICKSTOCKS_PROVIDER__YAHOO__REQUESTS_PER_SECOND: "20",
  };
  window = await Window.opened(desktop, { env });
  reader = await Listener.to(await window.mqtt(), quoteTopic("AAPL"));
});
after(async () => {
  await reader?.close();
  await window?.close();
  await desktop?.stop();
  await yahoo?.stop();
});

async function move(price) {
  yahoo.prices.set("AAPL", price);
  await reader.quoteWhere("AAPL", (quote) => quote.price === price);
}

const about = async (symbol) => (await desktop.notifications()).filter(({ summary }) => summary.includes(symbol));

test("live quotes reach the window without a simulated mark", async () => {
  const { page } = window;
  await page.element("first-run", undefined, 30_000);
  await page.click("first-run-start");
  await until("240 in the row", async () => (await page.price("AAPL")) === 240);
  assert.match(await page.text("feed-state"), /Live/);
  assert.equal(await page.has("banner"), false);
});

test("a crossing is told once, though the price wobbles around the line", async () => {
  const { page } = window;
  await move(240.5);
  await page.click("row", "AAPL");
  await page.click("add-alert");
  await page.type("alert-value", "241");
  await page.click("alert-save");
  await page.element("alert-chip");
  assert.equal((await about("AAPL")).length, 0, "none on creation");
  await move(241.05);
  const [told] = await until("a notification", async () => (await about("AAPL")).length && about("AAPL"));
  assert.match(told.summary, /AAPL/);
  assert.match(told.summary, /241/);
  assert.match(told.body, /241\.05/);
  for (const price of [240.95, 241.1, 240.99, 241.2]) await move(price);
  await until("the newest price is painted", async () => (await page.price("AAPL")) === 241.2);
  assert.equal((await about("AAPL")).length, 1);
});

test("a click on the notification opens its symbol", async () => {
  const { page } = window;
  await page.click("row", "MSFT");
  await until("another symbol's detail", async () => /Microsoft/.test(await page.text("detail-name")));
  const all = await desktop.notifications();
  const number = all.findIndex(({ summary }) => summary.includes("AAPL")) + 1;
  const actions = all[number - 1].actions.filter((_, i) => i % 2 === 0);
  assert.ok(actions.includes("default"), `actions: ${actions}`);
  await desktop.ask("invoke", number, "default");
  await until("Apple's detail", async () => /Apple/.test(await page.text("detail-name")));
});

test("a price that stops is shown as stale, with its time", async () => {
  const { page } = window;
  yahoo.mode = "500";
  await until("the feed's state says so", async () => /stale|not answer|retrying|down|stopped/i.test(await page.text("feed-state")), { within: 90_000 });
  assert.equal(await page.price("AAPL"), 241.2);
});
