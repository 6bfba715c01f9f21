import { expect, test, vi } from "vitest";
import { Desk } from "./desk.svelte";
import { FakePlatform } from "./platform/fake";
import { PlatformError } from "./platform/platform";
import { Toasts } from "./toasts.svelte";

async function made() {
  const platform = new FakePlatform();
  const toasts = new Toasts();
  const desk = new Desk(platform, toasts);
  await desk.load();
  return { platform, toasts, desk };
}

test("what is removed comes back to its very place", async () => {
  const { desk, toasts } = await made();
  const before = [...desk.list.symbols];
  await desk.unfollow("MSFT");
  expect(desk.list.symbols).not.toContain("MSFT");
  toasts.list[0]?.action?.run();
  await Promise.resolve();
  expect(desk.list.symbols).toEqual(before);
});

test("what came meanwhile stays when something is put back", async () => {
  const { desk, platform, toasts } = await made();
  await desk.unfollow("AAPL");
  await desk.follow("TSLA");
  await desk.renameList("default", "Mine");
  toasts.list[0]?.action?.run();
  await vi.waitFor(() => expect(platform.lists[0]?.symbols).toEqual(["AAPL", ...desk.list.symbols.slice(1)]));
  expect(platform.lists.map(({ name }) => name)).toEqual(["Mine", "Europe"]);
  expect(platform.lists[0]?.symbols).toContain("TSLA");
});

test("what is put back into a list that is gone makes no list anew", async () => {
  const { desk, platform, toasts } = await made();
  await desk.unfollow("VOD.L", "Europe");
  await desk.removeList("Europe");
  toasts.list[0]?.action?.run();
  expect(toasts.list.at(-1)?.text).toBe("VOD.L is not followed");
  expect(platform.lists.map(({ name }) => name)).toEqual(["default"]);
});

test("a new list by a name there is shows that one, and empties nothing", async () => {
  const { desk, platform } = await made();
  const before = structuredClone(platform.lists);
  await desk.addList("Europe");
  expect(desk.current).toBe("Europe");
  await desk.addList("Main");
  expect(desk.current).toBe("default");
  expect(platform.lists).toEqual(before);
});

test("a list that is brought back empties none that took its name meanwhile", async () => {
  const { desk, platform, toasts } = await made();
  await desk.removeList("Europe");
  await desk.addList("Europe");
  await desk.follow("TSLA");
  toasts.list[0]?.action?.run();
  await vi.waitFor(() => expect(platform.lists[1]?.symbols).toEqual(["TSLA", "VOD.L", "SAP.DE"]));
});

test("what came meanwhile stays when an edit is refused", async () => {
  const { desk, platform } = await made();
  platform.setView = async () => {
    await platform.follow("default", "TSLA");
    throw new PlatformError("not_saved", "the disk is full");
  };
  await desk.look({ sort: "cap" });
  expect(desk.list.symbols).toContain("TSLA");
  expect(desk.view.sort).toBeUndefined();
});

test("an edit that is refused is taken back and told", async () => {
  const { desk, platform, toasts } = await made();
  const before = [...desk.list.symbols];
  platform.putWatchlist = () => Promise.reject(new PlatformError("not_saved", "the disk is full"));
  expect(await desk.move("AAPL", 1)).toBe(false);
  expect(desk.list.symbols).toEqual(before);
  expect(toasts.list[0]?.text).toBe("The order is not kept: the disk is full");
});

test("a row moves by one, and not beyond the ends", async () => {
  const { desk } = await made();
  await desk.move("MSFT", -1);
  expect(desk.list.symbols.slice(0, 2)).toEqual(["MSFT", "AAPL"]);
  expect(await desk.move("MSFT", -1)).toBe(false);
});

test("lists are made, renamed and removed", async () => {
  const { desk, platform } = await made();
  await desk.addList("Asia");
  expect(desk.current).toBe("Asia");
  await desk.renameList("Asia", "Japan");
  expect(platform.lists.map((list) => list.name)).toEqual(["default", "Europe", "Japan"]);
  await desk.removeList("Japan");
  expect(desk.lists).toHaveLength(2);
});

test("following twice is following once", async () => {
  const { desk } = await made();
  await desk.follow("AAPL");
  expect(desk.list.symbols.filter((symbol) => symbol === "AAPL")).toHaveLength(1);
});

test("a setting undoes no other that was made elsewhere", async () => {
  const { desk, platform } = await made();
  await platform.mute("MSFT", "ever");
  await platform.changePreferences({ strip: true, alerts_paused_until: "2026-11-26T07:00:00Z" });
  await desk.prefer({ day_move_alerts: false });
  expect(platform.prefs).toMatchObject({ day_move_alerts: false, strip: true, muted: [{ symbol: "MSFT" }] });
  expect(desk.preferences).toEqual(platform.prefs);
  await desk.prefer({ muted: [] });
  expect(platform.prefs.muted).toEqual([]);
});

test("settings are saved one after another, and shown at once", async () => {
  const { desk, platform, toasts } = await made();
  const save = platform.changePreferences;
  const asked: (() => void)[] = [];
  platform.changePreferences = async (change) => {
    await new Promise<void>((go) => asked.push(go));
    return save(change);
  };
  const [first, second] = [desk.prefer({ theme: "dark" }), desk.prefer({ density: "compact" })];
  expect(desk.preferences).toMatchObject({ theme: "dark", density: "compact" });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  // What was chosen elsewhere meanwhile is taken in below what is on its way.
  desk.takePreferences({ ...platform.prefs, theme: "light", strip: true });
  expect(desk.preferences).toMatchObject({ theme: "dark", density: "compact", strip: true });
  asked[0]!();
  expect(await first).toBe(true);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]!();
  expect(await second).toBe(true);
  platform.changePreferences = () => Promise.reject(new PlatformError("not_saved", "the disk is full"));
  expect(await desk.prefer({ theme: "light" })).toBe(false);
  expect(desk.preferences).toMatchObject({ theme: "dark", density: "compact" });
  expect(toasts.list.at(-1)?.text).toContain("the disk is full");
});

test("a mute is the desk's to reckon, and taken back as it was made", async () => {
  const { desk, platform, toasts } = await made();
  await desk.mute("AAPL", "today");
  expect(desk.preferences.muted).toEqual([{ symbol: "AAPL", until: "2026-11-25T05:00:00Z" }]);
  await desk.mute("AAPL", null);
  expect(desk.preferences.muted).toEqual([]);
  platform.mute = () => Promise.reject(new PlatformError("not_saved", "the disk is full"));
  await desk.mute("AAPL", "ever");
  expect(toasts.list.at(-1)?.text).toBe("Alerts of AAPL are as they were: the disk is full");
});

test("an alert that is not switched says why and stays", async () => {
  const { desk, platform, toasts } = await made();
  platform.putAlert = () => Promise.reject(new PlatformError("not_saved", "the disk is full"));
  const [alert] = desk.alerts;
  expect(alert && (await desk.armAlert(alert, false))).toBe(false);
  expect(desk.alerts[0]?.enabled).toBe(true);
  expect(toasts.list[0]?.text).toBe("The alert is not switched: the disk is full");
});
