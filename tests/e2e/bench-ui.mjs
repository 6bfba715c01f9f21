/**
 * What the interface costs while a market moves: frames, typing, processor. The same page in the app's own window and in a
 * browser, with a simulated market behind it that moves every price at a beat. Prints a Markdown table; Linux only.
 *
 * `node bench-ui.mjs window` or `browser`; both unless said.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { markdown } from "../../scripts/lib/steps.mjs";
import { Browser } from "./support/browser.mjs";
import { Daemon } from "./support/daemon.mjs";
import { Desktop } from "./support/desktop.mjs";
import { listening } from "./support/listening.mjs";
import { quantile } from "./support/samples.mjs";
import { until } from "./support/until.mjs";
import { cpuSeconds, family, load } from "./support/usage.mjs";
import { Window } from "./support/window.mjs";

const SECONDS = Number(process.env.SECONDS ?? 10);
const WARM_UP_MS = 5000;
/** Symbols, and how often each one's price moves. */
const BUSY = { symbols: 5000, tick: "500ms", perSecond: 10_000 };
const USUAL = { symbols: 500, tick: "5s", perSecond: 100 };
const TYPED = "simulated market";

const named = (count) => Array.from({ length: count }, (_, n) => `S${String(n).padStart(5, "0")}`);
const passed = (ms) => new Promise((resolve) => setTimeout(resolve, ms)); // What is measured here is time itself.

/** A browser on a server, or the window of the app; each with the list to follow. */
const PLACES = {
  async browser({ symbols, tick }) {
    const daemon = await Daemon.started({ tick });
    await daemon.call("PUT", "/users/me/watchlists/default", { name: "default", symbols: named(symbols) });
    await daemon.call("PUT", "/users/me/preferences", { welcomed: true });
    const browser = await Browser.opened();
    const page = await browser.visit(await daemon.loginLink());
    const painter = () => family(browser.driverProcess.pid).filter(({ command }) => command.includes("--type=renderer"));
    return { page, painter, close: async () => (await browser.close(), daemon.stop()) };
  },
  async window({ symbols, tick }) {
    const desktop = await Desktop.started();
    const data = join(desktop.home, "data");
    const env = { QUICKSTOCKS_PROVIDER__SIMULATED__TICK_INTERVAL: tick, QUICKSTOCKS_API__LISTEN: "127.0.0.1:0" };
    const window = await Window.opened(desktop, { args: ["--feed", "simulated", "--data-dir", data], env });
    const { page } = window;
    await page.click("first-run-start");
    const { host, port } = await listening(window.driverProcess, "api");
    const headers = { authorization: `Bearer ${readFileSync(join(data, "token"), "utf8").trim()}`, "content-type": "application/json" };
    const body = JSON.stringify({ name: "default", symbols: named(symbols) });
    await fetch(`http://${host}:${port}/api/v1/users/me/watchlists/default`, { method: "PUT", headers, body });
    const painter = () => family(window.pid).filter(({ command }) => command.includes("WebKitWebProcess"));
    return { page, painter, close: async () => (await window.close(), desktop.stop()) };
  },
};

/** Frames for a while: the gaps between them, in ms. Scrolling, the list goes down by a row a frame. */
const FRAMES = `
  const [milliseconds, scrolling, done] = arguments;
  const list = document.querySelector('[role="listbox"]');
  const gaps = [];
  let last = performance.now();
  const end = last + milliseconds;
  requestAnimationFrame(function frame(now) {
    gaps.push(now - last);
    last = now;
    if (scrolling) list.scrollTop = (list.scrollTop + 48) % (list.scrollHeight - list.clientHeight);
    if (now < end) requestAnimationFrame(frame);
    else done(gaps.slice(1));
  });`;

/** From each letter to the end of the frame that shows it. */
const WATCH_TYPING = `
  window.typed = [];
  document.querySelector('[data-testid="search-input"]').addEventListener("input", (event) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.typed.push(performance.now() - event.timeStamp);
      port2.postMessage(null);
    });
  });`;

async function frames(page, scrolling = false) {
  await page.driver.manage().setTimeouts({ script: (SECONDS + 60) * 1000 });
  const gaps = await page.driver.executeAsyncScript(FRAMES, SECONDS * 1000, scrolling);
  return { rate: (gaps.length * 1000) / gaps.reduce((sum, gap) => sum + gap, 0), worst: quantile(gaps, 0.99) };
}

async function typing(page) {
  await page.run(WATCH_TYPING);
  const field = await page.element("search-input");
  await field.click();
  for (const letter of TYPED) {
    await field.sendKeys(letter);
    await passed(100);
  }
  return until("every letter is painted", async () => {
    const taken = await page.run("return window.typed");
    return taken.length >= TYPED.length && taken;
  });
}

/** Parts of a core that the page's own process takes. */
async function processor(painter) {
  const spent = () => painter().reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  const [before, since] = [spent(), performance.now()];
  await passed(SECONDS * 1000);
  return ((spent() - before) * 100_000) / (performance.now() - since);
}

/** How many rows of the list have another price than a moment ago: nothing is measured on a market that stands. */
async function moving(page) {
  const prices = () => page.run(`return [...document.querySelectorAll('[data-price]')].map((cell) => cell.dataset.price)`);
  await until("prices that move", async () => {
    const before = await prices();
    await passed(1000);
    const after = await prices();
    return before.length > 5 && after.some((price, at) => price !== before[at]);
  }, { within: 60_000 });
}

async function opened(place, wishes) {
  const it = await PLACES[place](wishes);
  await it.page.element("row", "S00000", 60_000);
  await moving(it.page);
  await passed(WARM_UP_MS);
  return it;
}

async function measured(place) {
  const busy = await opened(place, BUSY);
  const still = await frames(busy.page);
  const scrolled = await frames(busy.page, true);
  const cpu = await processor(busy.painter);
  const letters = await typing(busy.page);
  await busy.close();
  const usual = await opened(place, USUAL);
  const little = await processor(usual.painter);
  await usual.close();
  return { still, scrolled, cpu, letters, little };
}

const yes = (met) => (met ? "yes" : "no");
const title = ({ symbols, perSecond }) => `${symbols} symbols, ${perSecond} changes/s`;

function rows(place, { still, scrolled, cpu, letters, little }) {
  const typed = quantile(letters, 0.95);
  const frameRow = (what, { rate, worst }) => [`${place}: ${what}`, `${rate.toFixed(1)}/s (99 % within ${worst.toFixed(0)} ms)`, "≥ 55/s", yes(rate >= 55)];
  return [
    frameRow(`frames, ${title(BUSY)}`, still),
    frameRow("frames while the list is scrolled", scrolled),
    [`${place}: letter typed → painted, p95`, `${typed.toFixed(1)} ms`, "≤ 50 ms", yes(typed <= 50)],
    [`${place}: processor of the page`, `${cpu.toFixed(1)} %`, "≤ 60 %", yes(cpu <= 60)],
    [`${place}: processor of the page, ${title(USUAL)}`, `${little.toFixed(1)} %`, "≤ 5 %", yes(little <= 5)],
  ];
}

const table = [];
for (const place of process.argv[2] ? [process.argv[2]] : Object.keys(PLACES)) table.push(...rows(place, await measured(place)));
process.stdout.write(`\n${markdown([`the interface (load ${load()})`, "measured", "goal", "met"], table)}\n`);
process.exit(0);
