/** Every command of the window, called with what no page of ours would send: each answers or refuses, and nothing ends. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { TOP } from "./support/process.mjs";
import { Window } from "./support/window.mjs";

/** What would open a dialog, the file manager or another port, or end the app, as it should. */
const OUTWARD = new Set(["export_file", "import_file", "open_data_folder", "use_mqtt_port", "set_autostart", "restart_app", "reset"]);
const CALLS = 30;
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

/** Numbers from a seed, so that a failure can be had again. */
function dice(seed) {
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}

const STRINGS = ["", " ", "AAPL", "x".repeat(100_000), "\u0000", "../../etc/passwd", "<b>&", "\u202e\u200b", "default", "{}", "-1", "\ud800"];
const NUMBERS = [0, -1, 1.5, 65_536, 2 ** 53, -(2 ** 63), 1e308, 5e-324];

function anything(roll, depth = 0) {
  const pick = (from) => from[Math.floor(roll() * from.length)];
  const kind = Math.floor(roll() * (depth < 3 ? 7 : 5));
  if (kind === 0) return pick(STRINGS);
  if (kind === 1) return pick(NUMBERS);
  if (kind === 2) return roll() < 0.5;
  if (kind <= 4) return pick([null, "AAPL", [], {}]);
  const some = Array.from({ length: Math.floor(roll() * 4) }, () => anything(roll, depth + 1));
  if (kind === 5) return some;
  const names = ["symbol", "name", "list", "condition", "kind", "value", "preferences", "alert", "draft", "id", "on"];
  return Object.fromEntries(some.map((value) => [pick(names), value]));
}

function granted() {
  const [, first] = readFileSync(join(TOP, "src-tauri", "permissions", "window.toml"), "utf8").match(/commands\.allow = \[([^\]]*)\]/);
  return [...first.matchAll(/"([a-z_]+)"/g)].map(([, name]) => name).filter((name) => !OUTWARD.has(name));
}

test("whatever a command is sent, it answers or says why not", { timeout: 120_000 }, async () => {
  const names = ["symbol", "symbols", "query", "range", "list", "name", "draft", "alert", "id", "preferences", "provider", "key", "on", "channel", "edit"];
  const roll = dice(20_261_125);
  const calls = granted().flatMap((command) => Array.from({ length: CALLS }, () => [command, Object.fromEntries(names.map((name) => [name, anything(roll)]))]));
  const script = `const [calls, done] = arguments;
    const one = ([command, args]) => Promise.race([
      window.__TAURI_INTERNALS__.invoke(command, args).then(() => "answered", (error) => (typeof error === "string" || (error.code && error.message) ? "refused" : "untyped " + command + JSON.stringify(error))),
      new Promise((resolve) => setTimeout(() => resolve("silent " + command), 20000)),
    ]);
    Promise.all(calls.map(one)).then(done);`;
  await window.driver.manage().setTimeouts({ script: 60_000 });
  const outcomes = await window.driver.executeAsyncScript(script, calls);
  const wrong = [...new Set(outcomes.filter((outcome) => outcome !== "answered" && outcome !== "refused"))];
  assert.deepEqual(wrong, []);
  assert.ok(outcomes.includes("answered") && outcomes.includes("refused"));
  assert.equal(window.said(/panicked/).length, 0, window.driverProcess.tail());
  assert.ok((await window.invoke("app_info")).version, "the app lives");
});
