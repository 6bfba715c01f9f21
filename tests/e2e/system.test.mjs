/** What the system does for the app: notifications and their buttons, start with the system, keys, files, tray text. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";

const SIMULATED = { args: ["--feed", "simulated"] };
const DIALOG = "^(Open|Save) File$";
/** @type {Desktop} */ let desktop;
/** @type {Window} */ let window;

before(async () => {
  desktop = await Desktop.started();
  window = await Window.opened(desktop, SIMULATED);
  await window.page.click("first-run-start");
});
after(async () => {
  await window?.close();
  await desktop?.stop();
});

test("the settings hear who shows notifications, and a test arrives", async () => {
  const { notifications, tray } = await window.invoke("system_state");
  assert.equal(tray, true);
  assert.ok(notifications.service, JSON.stringify(notifications));
  assert.equal(notifications.problem, undefined);
  const before = (await desktop.notifications()).length;
  const told = await window.invoke("test_notification");
  assert.ok(told.last_taken_at, JSON.stringify(told));
  const [test] = await until("the notification", async () => (await desktop.notifications()).slice(before));
  assert.equal(test.app, "Quickstocks");
  assert.equal(test.hints["desktop-entry"], "Quickstocks");
});

test("a button on the notification deletes its alert", async () => {
  const { price } = (await window.invoke("quotes", { symbols: ["BTC-USD"] }))[0];
  // Whichever way the price goes first.
  for (const [kind, value] of [["above", price * 1.0002], ["below", price * 0.9998]]) {
    await window.invoke("add_alert", { draft: { symbol: "BTC-USD", condition: { kind, value }, repeat: false, extended_hours: false } });
  }
  const about = ({ summary }) => /BTC-USD (above|below)/.test(summary);
  const number = await until("a notification", async () => (await desktop.notifications()).findIndex(about) + 1, { within: 60_000 });
  const { summary, actions } = (await desktop.notifications())[number - 1];
  assert.deepEqual(actions.filter((_, i) => i % 2 === 0), ["default", "mute-today", "delete-alert"]);
  await desktop.ask("invoke", number, "delete-alert");
  const [, fired] = summary.match(/(above|below)/);
  await until("the alert is gone", async () => !(await window.invoke("alerts")).some(({ condition }) => condition.kind === fired));
});

test("another button mutes its symbol until midnight", async () => {
  const number = (await desktop.notifications()).findIndex(({ summary }) => /BTC-USD/.test(summary)) + 1;
  await desktop.ask("invoke", number, "mute-today");
  const mute = await until("a mute", async () => (await window.invoke("preferences")).muted?.find(({ symbol }) => symbol === "BTC-USD"));
  const local = new Intl.DateTimeFormat("en-GB", { timeZone: desktop.env.TZ, timeStyle: "medium" });
  assert.equal(local.format(new Date(mute.until)), "00:00:00");
});

test("tray, notifications and their buttons speak the chosen language at once", async () => {
  await window.choose({ language: "de" });
  await until("a German tray", async () => (await desktop.trayLabels()).includes("Quickstocks beenden"));
  const labels = await desktop.trayLabels();
  for (const label of ["SIMULIERTE Kurse", "Quickstocks öffnen", "Kursband", "Alarme 1 Stunde pausieren", "Einstellungen…"])
    assert.ok(labels.includes(label), `${label}: ${labels}`);
  assert.ok(labels.some((label) => /^SIM \S+ [\d.]+,\d\d/.test(label)), `${labels}`);
  const before = (await desktop.notifications()).length;
  await window.invoke("test_notification");
  const [test] = await until("the notification", async () => (await desktop.notifications()).slice(before));
  assert.equal(test.body, "So kommen Mitteilungen an.");
  assert.deepEqual(test.actions, ["default", "Öffnen"]);
  await window.choose({ language: null });
  await until("an English tray", async () => (await desktop.trayLabels()).includes("Quit Quickstocks"));
});

test("it starts with the system, hidden, when asked to", async () => {
  const entry = join(desktop.home, ".config", "autostart", "Quickstocks.desktop");
  assert.equal((await window.invoke("system_state")).autostart, false);
  await window.invoke("set_autostart", { on: true });
  assert.match(readFileSync(entry, "utf8"), /^Exec=.*quickstocks.* --hidden$/m);
  assert.equal((await window.invoke("system_state")).autostart, true);
  await window.invoke("set_autostart", { on: false });
  assert.equal(existsSync(entry), false);
  await window.invoke("set_autostart", { on: false });
});

test("chosen keys bring the window back, and keys that make no sense are told", async () => {
  await window.choose({ shortcut: "no such key" });
  await until("the problem", async () => /no such key/.test((await window.invoke("system_state")).shortcut_problem ?? ""));
  await window.choose({ shortcut: "Ctrl+Alt+KeyQ" });
  await until("no problem", async () => !(await window.invoke("system_state")).shortcut_problem);
  await desktop.close("^Quickstocks$");
  await until("no window", async () => (await desktop.windows("^Quickstocks$")).length === 0);
  await until("the window", async () => {
    await desktop.xdotool("key", "ctrl+alt+q");
    return (await desktop.windows("^Quickstocks$")).length === 1;
  }, { every: 500 });
  await window.choose({ shortcut: null });
});

test("keys that are pressed while they are given back hold nothing up", async () => {
  for (let turn = 0; turn < 10; turn += 1) {
    await window.choose({ shortcut: "Ctrl+Alt+KeyQ" });
    await Promise.all([desktop.xdotool("key", "ctrl+alt+q"), window.choose({ shortcut: null })]);
  }
});

test("a file is written and read only where the user says", async () => {
  // The dialogs begin in the folder in which the app was started.
  const path = join(desktop.home, "l.csv");
  const written = window.invoke("export_file", { name: "l.csv", contents: "symbol\nAAPL\n" });
  await answerDialog(["key", "Return"]);
  assert.equal(await written, path);
  assert.equal(readFileSync(path, "utf8"), "symbol\nAAPL\n");
  writeFileSync(path, "\u{feff}Symbol\r\nMSFT\r\n");
  const read = window.invoke("import_file");
  await answerDialog(["mousemove", 250, 38, "click", 1, "sleep", 0.3, "key", "Return"]); // the first of the recent files
  assert.deepEqual(await read, { name: "l.csv", contents: "Symbol\r\nMSFT\r\n" });
  const given = window.invoke("import_file");
  await desktop.close(DIALOG);
  assert.equal(await given, null);
});

/** Presses keys or buttons in the system's file dialog, which stands in the upper left, until it is gone. */
async function answerDialog(keys) {
  await until("the dialog", async () => (await desktop.windows(DIALOG)).length === 1);
  await until("the dialog is gone", async () => {
    // Without a window manager nobody gives a new window the keyboard.
    const [dialog] = await desktop.windows(DIALOG);
    await desktop.xdotool("windowfocus", dialog, "sleep", 0.2, ...keys);
    return (await desktop.windows(DIALOG)).length === 0;
  }, { every: 1_000 });
}

test("the tray's text takes turns, or is none", async () => {
  const label = async () => (await desktop.tray()).said.XAyatanaLabel ?? "";
  await window.choose({ tray_text: "rotate", tray_seconds: 2 });
  const seen = new Set();
  await until("two symbols in turn", async () => {
    seen.add((await label()).replace(/^SIM /, "").split(" ")[0]);
    seen.delete("");
    return seen.size >= 2;
  }, { within: 20_000 });
  await window.choose({ tray_text: "off" });
  await until("no text", async () => (await label()) === "");
});

test("the tray pauses alerts and resumes them", async () => {
  await desktop.clickTray(/^Pause alerts for 1 hour$/);
  await desktop.clickTray(/^Alerts paused until \d\d:\d\d: resume$/);
  await until("the way to pause", async () => (await desktop.trayLabels()).includes("Pause alerts for 1 hour"));
  assert.equal((await window.invoke("preferences")).alerts_paused_until ?? null, null);
});
