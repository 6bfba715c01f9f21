/**
 * Freshness, end to end, with real processes: how long after the provider's answer was complete does a price reach an MQTT
 * subscriber, the window's pixels, and (when it crosses an alert) the desktop; and how soon does a start show the stored prices.
 * Prints one Markdown table. Says nothing of the network: the provider is a local stand-in. `subscriber` as argument measures the
 * first alone, which needs `quickstocksd` and no desktop.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { markdown } from "../../scripts/lib/steps.mjs";
import { Daemon } from "./support/daemon.mjs";
import { Desktop } from "./support/desktop.mjs";
import { listening } from "./support/listening.mjs";
import { Listener, quoteTopic } from "./support/mqtt.mjs";
import { HEAD, summary } from "./support/samples.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";
import { StandIn } from "./support/yahoo.mjs";

const CHANGES = Number(process.env.CHANGES ?? 40);
const CROSSINGS = Number(process.env.CROSSINGS ?? 12);
const STARTS = Number(process.env.STARTS ?? 5);
/** Three notifications within this time would be told as one. */
const BUNDLE_MS = 2600;

/** Every answer moves the price by a cent, so that each is news and none is an alert. */
async function moving() {
  const yahoo = await StandIn.started();
  yahoo.step = 0.01;
  return yahoo;
}

/** When each price was first answered. */
function answers(yahoo, symbol) {
  return new Map([...yahoo.answered].reverse().map(({ at, prices }) => [prices[symbol], at]));
}

async function toSubscriber() {
  const yahoo = await moving();
  const daemon = await Daemon.started({ yahoo });
  const reader = await Listener.to(daemon.mqtt, quoteTopic("AAPL"));
  await until("enough changes", () => reader.messages.length > CHANGES, { within: 300_000 });
  const known = answers(yahoo, "AAPL");
  const samples = reader.messages.slice(1).map(({ payload, at }) => at + performance.timeOrigin - known.get(JSON.parse(payload).price));
  await reader.close();
  await daemon.stop();
  await yahoo.stop();
  return samples.filter(Number.isFinite).map((ms) => Math.max(ms, 0));
}

const WATCH_ROW = `
  const cell = document.querySelector('[data-testid="row"][data-symbol="AAPL"] [data-price]');
  window.painted = [];
  new MutationObserver(() => {
    const price = Number(cell.dataset.price);
    // The frame after the one that paints the change: by then it is on the screen.
    requestAnimationFrame(() => requestAnimationFrame(() => painted.push([price, performance.timeOrigin + performance.now()])));
  }).observe(cell, { attributes: true, attributeFilter: ["data-price"] });`;

function live(yahoo) {
  return {
    QUICKSTOCKS_FEED__PROVIDER: "yahoo",
    QUICKSTOCKS_FEED__POLL_INTERVAL: "1s",
    QUICKSTOCKS_API__LISTEN: "127.0.0.1:0",
    QUICKSTOCKS_PROVIDER__YAHOO__QUERY_URLS: yahoo.url,
    QUICKSTOCKS_PROVIDER__YAHOO__COOKIE_URL: `${yahoo.url}/cookie`,
    QUICKSTOCKS_PROVIDER__YAHOO__STREAM_URL: "",
    QUICKSTOCKS_PROVIDER__YAHOO__REQUESTS_PER_SECOND: "20",
  };
}

async function toPixels(window, yahoo) {
  await window.page.run(WATCH_ROW);
  const painted = () => window.page.run("return painted");
  await until("enough paintings", async () => (await painted()).length >= CHANGES, { within: 300_000, every: 500 });
  const known = answers(yahoo, "AAPL");
  return (await painted()).map(([price, at]) => at - known.get(price)).filter(Number.isFinite);
}

async function toDesktop(window, desktop, yahoo, data) {
  const { host, port } = await listening(window.driverProcess, "api");
  const token = readFileSync(join(data, "token"), "utf8").trim();
  const base = yahoo.prices.get("MSFT");
  yahoo.still.add("MSFT");
  const samples = [];
  for (let n = 1; n <= CROSSINGS; n += 1) {
    const level = base + n * 0.5;
    const alert = { symbol: "MSFT", condition: { kind: "above", value: level }, repeat: false, extended_hours: false, enabled: true };
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const made = await fetch(`http://${host}:${port}/api/v1/users/me/alerts`, { method: "POST", headers, body: JSON.stringify(alert) });
    if (!made.ok) throw new Error(`alert: ${made.status} ${await made.text()}`);
    await pause(BUNDLE_MS); // Not a wait for something: crossings are kept apart, as in life.
    const before = (await desktop.notifications()).length;
    yahoo.prices.set("MSFT", level + 0.1);
    const told = await until("a notification", async () => (await desktop.notifications())[before]);
    samples.push(told.at - answers(yahoo, "MSFT").get(level + 0.1));
  }
  return samples;
}

const FIRST_ROW = `
  const done = arguments[0];
  const limit = performance.now() + 5000;
  const look = () => performance.now() > limit ? done(null) : [...document.querySelectorAll('[data-testid="row-price"]')].some((cell) => cell.dataset.price)
    ? requestAnimationFrame(() => done(performance.timeOrigin + performance.now()))
    : requestAnimationFrame(look);
  look();`;

/** When a process began, from the kernel's own clock. */
function beganAt(pid) {
  const ticks = Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ")[19]);
  const boot = Number(readFileSync("/proc/stat", "utf8").match(/^btime (\d+)/m)[1]);
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return Math.abs(boot * 1000 - (Date.now() - uptime * 1000)) < 2000 ? Date.now() - uptime * 1000 + ticks * 10 : boot * 1000 + ticks * 10;
}

async function coldStarts(desktop, wishes) {
  const samples = [];
  for (let n = 0; n < STARTS; n += 1) {
    const window = await Window.opened(desktop, wishes);
    const seen = await window.driver.executeAsyncScript(FIRST_ROW);
    if (seen) samples.push(seen - beganAt(window.pid));
    await window.close();
  }
  return samples;
}

const subscriber = await toSubscriber();
const table = [summary("provider's answer complete → MQTT subscriber", subscriber, { p95: 20 })];
if (process.argv[2] === "subscriber") {
  process.stdout.write(`\n${markdown(HEAD, table)}\n`);
  process.exit(0);
}
const rows = [];
const desktop = await Desktop.started();
const yahoo = await moving();
const data = join(desktop.home, "data");
const wishes = { args: ["--data-dir", data], env: live(yahoo) };
const window = await Window.opened(desktop, wishes);
await window.page.click("first-run-start");
await until("a price in the row", () => window.page.price("AAPL"));
rows.push(["pixels", await toPixels(window, yahoo)]);
rows.push(["desktop", await toDesktop(window, desktop, yahoo, data)]);
await window.close();
await yahoo.stop(); // From here on only the stored snapshot can be shown.
rows.push(["start", await coldStarts(desktop, wishes)]);
await desktop.stop();

const [pixels, told, start] = rows.map(([, samples]) => samples);
table.push(
  summary("→ painted in the window", pixels, { p95: 150 }),
  summary("a crossing → notification on D-Bus", told, { p95: 500 }),
  summary("process start → stored prices painted (WebDriver's session included)", start, { median: 1000 }),
);
process.stdout.write(`\n${markdown(HEAD, table)}\n`);
process.exit(0);
