/** The table of what can be done, as the keyboard and the palette read it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../app.svelte";
import { LANGUAGES, speak } from "../i18n.svelte";
import { FakePlatform } from "../platform/fake";
import { actions } from "./actions";
import { entries } from "./entries";
import { keyTable, press } from "./keyboard";

let app: App;
beforeEach(async () => {
  const platform = new FakePlatform();
  platform.stream = () => () => {};
  app = new App(platform);
  const stop = await app.start();
  stop();
});
afterEach(() => speak("en"));

const key = (key: string, more: KeyboardEventInit = {}) =>
  press(new KeyboardEvent("keydown", { key, cancelable: true, ...more }), app);

test("no two actions have a key or an id in common", () => {
  const all = actions(app);
  const keys = all.flatMap(({ keys = [] }) => keys);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
});

test.each(LANGUAGES)("in %s every entry of the palette has a name of its own", async (tag) => {
  await speak(tag);
  const names = entries(app).map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(names.length).toBeGreaterThan(60);
});

test("keys do what the table says, with Ctrl or ⌘", () => {
  expect([key("5"), app.range]).toEqual([true, "ytd"]);
  expect([key("2", { metaKey: true }), app.desk.current]).toEqual([true, "Europe"]);
  expect([key("P", { ctrlKey: true, shiftKey: true }), app.overlay?.kind]).toEqual([true, "palette"]);
});

test("while something is open plain keys are its own, and a field's are letters", () => {
  app.overlay = { kind: "keys" };
  expect([key("3"), key("/")]).toEqual([false, false]);
  expect([key(",", { ctrlKey: true }), app.overlay.kind]).toEqual([true, "settings"]);
  app.overlay = null;
  const field = document.createElement("input");
  const typed = new KeyboardEvent("keydown", { key: "a" });
  vi.spyOn(typed, "target", "get").mockReturnValue(field);
  expect(press(typed, app)).toBe(false);
});

test("the browser's own keys stay with it", () => {
  expect(["r", "t", "p", "9", "f"].map((letter) => key(letter, { ctrlKey: true }))).toEqual(Array(5).fill(false));
});

test("the table of keys says each family on one line", () => {
  const lines = keyTable(app);
  expect(lines.find(({ name }) => name === "Range of the chart")?.keys).toEqual(["1", "…", "8"]);
  expect(lines.find(({ name }) => name === "Commands")?.keys).toEqual(["Ctrl Shift P"]);
  expect(new Set(lines.map(({ name }) => name)).size).toBe(lines.length);
});
