/** The page that comes and goes: given up in the tray, killed twenty times, hung. Engine and broker never stop. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { Listener, quoteTopic } from "./support/mqtt.mjs";
import { privateMemory } from "./support/private.mjs";
import { until } from "./support/until.mjs";
import { childrenOf, Window } from "./support/window.mjs";

const SIMULATED = { args: ["--feed", "simulated"] };
const KILLS = 20;
/** The longest silence of a price that is new every 200 ms, with a loaded machine's share. */
const GAP_MAX_MS = 3_000;
/** @type {Desktop} */ let desktop;
/** @type {Window} */ let window;
/** @type {Listener} */ let reader;

before(async () => {
  desktop = await Desktop.started();
  window = await Window.opened(desktop, SIMULATED);
  await window.page.click("first-run-start");
  reader = await Listener.to(await window.mqtt(), quoteTopic("BTC-USD"));
});
after(async () => {
  await reader?.close();
  await window?.close();
  await desktop?.stop();
});

const painted = () => window.said(/prices stand on the page.*took_ms=(\d+)/).length;

/** Prices were published all the while. */
async function withoutAGap(what) {
  const from = performance.now();
  await what();
  const heard = reader.messages.map(({ at }) => at).filter((at) => at >= from);
  const gaps = [from, ...heard, performance.now()].map((at, i, all) => (i ? at - all[i - 1] : 0));
  assert.ok(Math.max(...gaps) < GAP_MAX_MS, `a gap of ${Math.max(...gaps).toFixed()} ms in what was published`);
}

test("hidden for a while, the page is given up; opened again, it shows what it showed", async (t) => {
  const { page } = window;
  await page.click("row", "MSFT");
  await until("its detail", async () => /Microsoft/.test(await page.text("detail-name")));
  await window.choose({ release_after_seconds: 1 });
  const shown = painted();
  await withoutAGap(async () => {
    await desktop.close("^Quickstocks$");
    await until("no process draws a page", () => window.webProcesses.length === 0);
    const all = [window.pid, ...childrenOf(window.pid).map(({ pid }) => pid)];
    t.diagnostic(`private memory of ${all.length} processes without a page: ${all.map((pid) => privateMemory(pid).toFixed(1)).join(" + ")} MiB`);
    await desktop.clickTray(/^Open Quickstocks/);
    await until("prices on the page", () => painted() > shown);
  });
  t.diagnostic(`prices stood on the new page after ${window.said(/prices stand on the page.*took_ms=(\d+)/).at(-1)[1]} ms`);
  await window.follow();
  assert.match(await page.text("detail-name"), /Microsoft/);
});

test(`killed ${KILLS} times, the page is back each time`, { timeout: 300_000 }, async () => {
  const shown = painted();
  await withoutAGap(async () => {
    for (let n = 1; n <= KILLS; n++) {
      const [drawing] = await until("a process that draws", () => window.webProcesses.length === 1 && window.webProcesses);
      process.kill(drawing, "SIGKILL");
      // The driver does not follow a page into another process: the page itself says that it is back.
      await until(`prices on the page again, the ${n}. time`, () => painted() === shown + n);
    }
  });
  assert.equal(window.said(/the process that draws the page has died/).length, KILLS);
});

test("a page that hangs is noticed and loaded again", { timeout: 120_000 }, async () => {
  const [hanging] = window.webProcesses;
  process.kill(hanging, "SIGSTOP");
  const shown = painted();
  await withoutAGap(() => until("prices on the page again", () => painted() === shown + 1, { within: 60_000 }));
  assert.ok(!window.webProcesses.includes(hanging), "the hung process is gone");
  assert.equal(window.said(/does not answer/).length, 1);
});
