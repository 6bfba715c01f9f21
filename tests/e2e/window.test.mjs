/** The main job, as a person does it: a real window, a simulated market, a tray, and everything still there after kill -9. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { Listener, quoteTopic } from "./support/mqtt.mjs";
import { Key } from "./support/page.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";

const SIMULATED = { args: ["--feed", "simulated"] };
/** @type {Desktop} */ let desktop;
/** @type {Window} */ let window;

before(async () => {
  desktop = await Desktop.started();
  window = await Window.opened(desktop, SIMULATED);
});
after(async () => {
  await window?.close();
  await desktop?.stop();
});

test("the first run offers a list, and start shows it live", async () => {
  const { page } = window;
  await page.element("first-run", undefined, 30_000);
  await page.click("first-run-start");
  await page.element("row", "AAPL");
  await until("prices in all rows", async () => {
    const rows = await page.rows();
    return rows.length >= 6 && (await Promise.all(rows.map((symbol) => page.price(symbol)))).every((price) => price > 0);
  });
  assert.match(await page.text("banner"), /SIMULATED/);
});

test("a company is found by name and followed with Enter", async () => {
  const { page } = window;
  await page.type("search-input", "tesla");
  await page.element("search-option", "TSLA");
  await (await page.element("search-input")).sendKeys(Key.ENTER);
  await page.element("row", "TSLA");
  await until("its detail", async () => /tesla/i.test(await page.text("detail-name")));
});

test("the row's price is the payload's, through several changes", async () => {
  const { page } = window;
  const reader = await Listener.to(await window.mqtt(), quoteTopic("TSLA"));
  const seen = new Set();
  await until("five changes", async () => {
    const shown = await page.price("TSLA");
    if (shown === undefined) return false;
    // The page may be a flush ahead of our socket or behind it; the price must be one that was published.
    await until(`${shown} was published`, () => (reader.heard.get(quoteTopic("TSLA")) ?? []).some((text) => JSON.parse(text).price === shown), { within: 3000 });
    seen.add(shown);
    return seen.size >= 5;
  }, { within: 30_000 });
  const newest = reader.quote("TSLA");
  assert.equal(newest.symbol, "TSLA");
  assert.equal(newest.source, "simulated");
  await reader.close();
});

test("the tray lists quotes and the ways out", async () => {
  const labels = await until("a tray with quotes", async () => {
    const found = await desktop.trayLabels();
    return found.some((label) => /AAPL|TSLA/.test(label)) && found;
  });
  assert.ok(labels.some((label) => /Open Quickstocks/i.test(label)), labels.join(" | "));
  assert.ok(labels.some((label) => /Quit/i.test(label)), labels.join(" | "));
  assert.ok(labels.some((label) => /SIMULATED/.test(label)), `the feed: ${labels.join(" | ")}`);
  const { said } = await desktop.tray();
  assert.match(`${said.XAyatanaLabel ?? ""} ${said.Title ?? ""}`, /SIM/, JSON.stringify(said));
});

test("the tray's Settings… opens them, where its price is chosen", async () => {
  const { page } = window;
  await desktop.clickTray(/^Settings/);
  await page.element("pinned");
  await page.run("document.querySelector('[data-testid=settings-back]').click()");
  await until("the settings are gone", async () => !(await page.has("pinned")));
});

test("an alert just above the price fires on the desktop, marked as simulated", async () => {
  const { page } = window;
  await page.click("row", "BTC-USD");
  await until("its detail", async () => /bitcoin/i.test(await page.text("detail-name")));
  await page.click("add-alert");
  const value = (await page.price("BTC-USD")) * 1.0002;
  await page.type("alert-value", value.toFixed(2));
  await page.click("alert-save");
  await page.element("alert-chip");
  const mine = await until("a notification", async () => (await desktop.notifications()).find(({ summary }) => /BTC-USD/.test(summary)), { within: 60_000, also: () => `alert above ${value}` });
  assert.match(`${mine.summary} ${mine.body}`, /SIMULATED/);
});

test("kill -9, start again: list and alert are there", async () => {
  const before = await window.page.rows();
  await window.kill();
  window = await Window.opened(desktop, SIMULATED);
  const { page } = window;
  await page.element("row", "TSLA", 30_000);
  assert.deepEqual(await page.rows(), before);
  assert.equal(await page.has("first-run"), false);
  await page.click("row", "BTC-USD");
  await page.element("alert-chip");
});

test("a second start shows the first one's window and ends", async () => {
  const { Process, built } = await import("./support/process.mjs");
  const second = new Process(built("quickstocks"), ["--feed", "simulated"], { env: { ...desktop.env, QUICKSTOCKS_BROKER__LISTEN: "127.0.0.1:0" } });
  const end = await until("the second one has ended", () => second.end, { within: 20_000, also: () => second.tail() });
  assert.equal(end.code, 0);
  assert.ok(window.pid, "the first one lives");
});
