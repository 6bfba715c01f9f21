/** What a desktop may lack: the app starts all the same, says each lack once, and loses nothing. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { built, Process, scratch } from "./support/process.mjs";
import { until } from "./support/until.mjs";

/** @type {Desktop} */ let desktop;
/** @type {Desktop} */ let bare;

before(async () => {
  desktop = await Desktop.started();
  bare = await Desktop.started({ bare: true });
});
after(async () => {
  await desktop?.stop();
  await bare?.stop();
});

const NO_BUS = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
const NO_TRAY = /no tray on this desktop/;
const NO_NOTIFICATIONS = /Nothing on this desktop shows notifications/;
const NO_HOME = /cannot be written/;
/** Nobody listens there: no provider can be reached. */
const NO_NETWORK = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1", ALL_PROXY: "http://127.0.0.1:1" };

/** @type {Process} */ let app;
afterEach(() => app?.stop());

async function started(env, args = ["--feed", "simulated"]) {
  app = new Process(built("quickstocks"), args, { env: { ...env, QUICKSTOCKS_BROKER__LISTEN: "127.0.0.1:0" } });
  const began = performance.now();
  await app.line(/prices stand on the page/);
  app.took = performance.now() - began;
  return app;
}

const times = (app, pattern) => app.lines.filter((line) => pattern.test(line)).length;

async function says(t, app, lacks) {
  for (const lack of lacks) await until(`${lack} is said`, () => times(app, lack) > 0, { also: () => app.tail() });
  for (const lack of [NO_TRAY, NO_NOTIFICATIONS, NO_HOME]) assert.equal(times(app, lack), lacks.includes(lack) ? 1 : 0, `${lack}\n${app.tail()}`);
  assert.equal(times(app, /panicked/), 0, app.tail());
  t.diagnostic(`prices after ${app.took.toFixed()} ms`);
  assert.deepEqual(await app.stop(), { code: 0, signal: null }, app.tail());
}

test("nothing is missing: nothing is said", async (t) => {
  await says(t, await started({ ...desktop.env, HOME: scratch() }), []);
});

test("no session bus: no tray and no notifications", async (t) => {
  await says(t, await started({ ...desktop.env, HOME: scratch(), ...NO_BUS }), [NO_TRAY, NO_NOTIFICATIONS]);
});

test("a bus where nobody keeps a tray and nobody shows notifications", async (t) => {
  await says(t, await started({ ...bare.env, HOME: scratch() }), [NO_TRAY, NO_NOTIFICATIONS]);
});

test("no provider answers: made-up prices stand in, and say so", async (t) => {
  await says(t, await started({ ...desktop.env, HOME: scratch(), ...NO_NETWORK }, []), []);
});

test("a home that cannot be written: what was there is shown and stays as it is", async (t) => {
  // The folder's place is taken by what no one can write into, whoever runs this.
  const home = scratch();
  writeFileSync(join(home, ".local"), "");
  await says(t, await started({ ...desktop.env, HOME: home }), [NO_HOME]);
  assert.equal(readFileSync(join(home, ".local"), "utf8"), "");
});

test("a store of a newer version is left alone and said", async () => {
  const home = scratch();
  const folder = join(home, ".local", "share", "app.quickstocks.desktop");
  const newer = '{"format": 4000, "generation": 7, "sha256": "00", "state": {"of": "tomorrow"}}';
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "profiles.json"), newer);
  app = new Process(built("quickstocks"), ["--feed", "simulated"], { env: { ...desktop.env, HOME: home } });
  assert.equal((await app.ended).code, 1, app.tail());
  assert.match(app.lines.at(-1), /^quickstocks: .*profiles\.json: it was written by a newer version/);
  assert.equal(readFileSync(join(folder, "profiles.json"), "utf8"), newer);
  assert.equal(times(app, /panicked/), 0, app.tail());
});

test("a folder of its own with a long name of any letters", async () => {
  const folder = join(scratch(), "Ein Ordner für 株価 & Žluťoučký kůň", "x".repeat(200));
  await started(desktop.env, ["--feed", "simulated", "--data-dir", folder]);
  assert.deepEqual(await app.stop(), { code: 0, signal: null }, app.tail());
  for (const name of ["profiles.json", "store.json"]) JSON.parse(readFileSync(join(folder, name), "utf8"));
});

test("two users of one machine: each has the app, and the second one hears that the port is taken", async () => {
  const other = await Desktop.started({ bare: true });
  const first = await started({ ...desktop.env, HOME: scratch() });
  const port = first.lines.map((line) => line.match(/listening service=mqtt addr=127\.0\.0\.1:(\d+)/)?.[1]).find(Boolean);
  const env = { ...other.env, HOME: scratch(), QUICKSTOCKS_BROKER__LISTEN: `127.0.0.1:${port}` };
  const second = new Process(built("quickstocks"), ["--feed", "simulated"], { env });
  await second.line(/prices stand on the page/);
  await second.line(new RegExp(`broker\\.listen.*${port}`));
  assert.equal(first.end, undefined, "the first one's window is its own");
  assert.deepEqual(await second.stop(), { code: 0, signal: null }, second.tail());
  assert.deepEqual(await first.stop(), { code: 0, signal: null }, first.tail());
  await other.stop();
});

test("the self-test says which parts are well, and which this desktop lacks", async () => {
  const tried = async (env) => {
    app = new Process(built("quickstocks"), ["--selftest"], { env: { ...env, HOME: scratch() } });
    assert.equal((await app.ended).code, 0, app.tail());
    return Object.fromEntries(app.lines.map((line) => line.match(/^(ok|none|FAIL) *([^:]+): /)?.slice(1).reverse()).filter(Boolean));
  };
  const there = await tried(desktop.env);
  const { keychain, ...others } = there;
  assert.equal(Object.keys(others).length, 16);
  assert.deepEqual(Object.entries(others).filter(([, verdict]) => verdict !== "ok"), []);
  assert.deepEqual(await tried(bare.env), { ...there, tray: "none", notifications: "none" });
  const { DISPLAY, WAYLAND_DISPLAY, ...dark } = desktop.env;
  assert.equal((await tried(dark)).app, "none");
});

test("everything is missing at once", async (t) => {
  const home = scratch();
  writeFileSync(join(home, ".local"), "");
  await says(t, await started({ ...desktop.env, HOME: home, ...NO_BUS, ...NO_NETWORK }, []), [NO_TRAY, NO_NOTIFICATIONS, NO_HOME]);
});

test("asked to end at any moment of its start, it ends within three seconds and leaves whole files", { timeout: 180_000 }, async (t) => {
  const home = scratch();
  let longest = 0;
  for (let n = 0; n < 10; n++) {
    app = new Process(built("quickstocks"), ["--feed", "simulated"], { env: { ...desktop.env, HOME: home, QUICKSTOCKS_BROKER__LISTEN: "127.0.0.1:0" } });
    await app.line(n % 2 ? /prices stand on the page/ : /listening service/);
    const asked = performance.now();
    const end = await app.stop("SIGTERM");
    longest = Math.max(longest, performance.now() - asked);
    assert.equal(end.code, 0, app.tail());
  }
  t.diagnostic(`the longest end took ${longest.toFixed()} ms`);
  const folder = join(home, ".local", "share", "app.quickstocks.desktop");
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".json"))) JSON.parse(readFileSync(join(folder, name), "utf8"));
});
