/** The ticker strip: a second window of whole items, moved, turned and closed; and the tray that knows of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";

const TITLE = "^Quickstocks strip$";
/** @type {Desktop} */ let desktop;
/** @type {Window} */ let window;

before(async () => {
  desktop = await Desktop.started();
  window = await Window.opened(desktop, { args: ["--feed", "simulated"] });
  await window.page.click("first-run-start");
});
after(async () => {
  await window?.close();
  await desktop?.stop();
});

const place = async () => {
  const [id] = await desktop.windows(TITLE);
  const geometry = await desktop.xdotool("getwindowgeometry", "--shell", id);
  return Object.fromEntries([...geometry.matchAll(/^(X|Y|WIDTH|HEIGHT)=(\d+)$/gm)].map(([, key, value]) => [key, Number(value)]));
};
const shown = () => window.page.run("return [...document.querySelectorAll('[data-testid=\"strip-item\"]')].filter((item) => getComputedStyle(item).visibility === 'visible').map((item) => ({ symbol: item.dataset.symbol, ...item.getBoundingClientRect().toJSON() }))");

test("the tray shows the strip: small, marked, with whole items only", async () => {
  for (const symbol of ["TSLA", "AMD", "ORCL", "CRM", "AVGO"]) await window.invoke("follow", { list: "default", symbol });
  await desktop.clickTray(/^Ticker strip$/);
  await until("the strip's window", async () => (await desktop.windows(TITLE)).length === 1);
  const { WIDTH, HEIGHT } = await place();
  assert.deepEqual([WIDTH, HEIGHT], [900, 36]);
  const page = await window.follow("strip");
  await page.element("strip-item", "AAPL");
  assert.equal(await page.text("strip-mark"), "SIMULATED");
  const room = await page.run("return document.querySelector('.window').getBoundingClientRect().right");
  const items = await until("items", async () => (await shown()).length > 1 && shown());
  for (const { symbol, top, right } of items) assert.ok(top >= 0 && top < 36 && right <= room + 1, `${symbol} is cut`);
});

test("a click turns to the rest", async () => {
  const before = (await shown()).map(({ symbol }) => symbol);
  await window.page.click("strip-next");
  const next = await until("others", async () => (await shown()).every(({ symbol }) => !before.includes(symbol)) && shown());
  assert.ok(next.length >= 1);
});

test("the handle moves it, and it comes back where it was left", async () => {
  const { X, Y } = await place();
  await desktop.xdotool("mousemove", X + 10, Y + 18, "mousedown", 1, "mousemove", X + 60, Y + 80, "mousemove", X + 90, Y + 130, "mouseup", 1);
  const moved = await until("another place", async () => (await place()).Y > Y + 50 && place(), { within: 1_000 }).catch(() => undefined);
  // Without a window manager nobody carries a window: then the place is the test's own.
  if (!moved) await desktop.xdotool("windowmove", (await desktop.windows(TITLE))[0], 120, 240);
  const left = await until("its place", async () => (await place()).Y > 100 && place());
  await window.page.click("strip-close");
  await until("no strip", async () => (await desktop.windows(TITLE)).length === 0);
  await window.follow();
  assert.equal((await window.invoke("preferences")).strip, false);
  await desktop.clickTray(/^Ticker strip$/);
  await until("the strip again", async () => (await desktop.windows(TITLE)).length === 1);
  await until("the place it was left at", async () => {
    const { X: x, Y: y } = await place();
    return x === left.X && y === left.Y;
  });
});

test("a click on an item opens it in the main window", async () => {
  const strip = await window.follow("strip");
  await strip.element("strip-item");
  while (!(await shown()).some(({ symbol }) => symbol === "MSFT")) await strip.click("strip-next");
  await strip.click("strip-item", "MSFT");
  const main = await window.follow();
  await until("Microsoft in the main window", async () => /Microsoft/.test(await main.text("detail-name")));
});

test("the strip may ask for little", async () => {
  await window.follow("strip");
  await assert.rejects(window.invoke("remove_watchlist", { name: "default" }), /not allowed/i);
  await assert.rejects(window.invoke("import_file"), /not allowed/i);
});
