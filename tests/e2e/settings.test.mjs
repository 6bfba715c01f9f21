/** The settings in the real window: they stand in a file that its owner edits too, and count after a restart. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";

const OWN = `# the prices of the kitchen
[feed]
provider = "simulated" # until the network is up
poll_interval = "5s"
`;
/** @type {Desktop} */ let desktop;
/** @type {Window} */ let window;
let file;

before(async () => {
  desktop = await Desktop.started();
  const folder = join(desktop.home, ".local", "share", "app.quickstocks.desktop");
  mkdirSync(folder, { recursive: true });
  file = join(folder, "config.toml");
  writeFileSync(file, OWN);
  window = await Window.opened(desktop);
});
after(async () => {
  await window?.close();
  await desktop?.stop();
});

const choose = (id, value) => window.page.run(
  "const field = document.querySelector(`[data-testid=${arguments[0]}]`); field.value = arguments[1]; field.dispatchEvent(new Event('change', { bubbles: true }))",
  id,
  value,
);

test("the data folder's own file is read", async () => {
  const { page } = window;
  await page.click("first-run-start");
  await page.element("row", "AAPL");
  assert.match(await page.text("banner"), /SIMULATED/);
});

test("what is chosen stands in the file, and all else stays", async () => {
  const { page } = window;
  await page.click("settings-open");
  await page.element("set-interval");
  await choose("set-interval", "60");
  await until("the file has it", () => readFileSync(file, "utf8") === OWN.replace('"5s"', '"1m"'));
  await page.element("restart-bar");
});

test("what the environment sets is shown and cannot be changed", async () => {
  const { page } = window;
  assert.match(await page.text("overridden"), /QUICKSTOCKS_BROKER__LISTEN/);
  assert.equal(await page.run("return document.querySelector('[data-testid=set-port]').disabled"), true);
});

test("what makes no sense is refused in words, and the file is untouched", async () => {
  const { page } = window;
  const before = readFileSync(file, "utf8");
  await choose("set-ca", "/nowhere/ca.pem");
  await until("a reason", () => page.run("return /network\\.ca_file/.test(document.querySelector('[data-testid=settings]').innerText)"));
  assert.equal(readFileSync(file, "utf8"), before);
});

test("a restart stops everything, and takes the new settings", async () => {
  const { page, pid } = window;
  const heard = () => window.driverProcess.lines.filter((line) => /listening .*mqtt/.test(line)).length;
  const before = heard();
  // The page that is clicked in is soon gone, and its driver with it: there may be no answer.
  await page.run("document.querySelector('[data-testid=restart-now]').click()").catch(() => {});
  await until("another process", () => window.pid !== undefined && window.pid !== pid, { within: 30_000, also: () => window.driverProcess.tail() });
  await until("it listens", () => heard() > before, { within: 30_000, also: () => window.driverProcess.tail() });
  assert.match(readFileSync(file, "utf8"), /poll_interval = "1m"/);
  await until("its tray has prices", async () => (await desktop.trayLabels()).some((label) => /SIMULATED/.test(label)), { within: 30_000 });
});
