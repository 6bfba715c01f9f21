/** The settings as a person uses them, on the made-up program. */
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../app.svelte";
import { FakePlatform } from "../platform/fake";
import { PlatformError } from "../platform/platform";
import Settings from "./Settings.svelte";
import { choices, chosen, moved } from "./settings.svelte";

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});
let stop = () => {};
afterEach(() => {
  cleanup();
  stop();
  vi.unstubAllGlobals();
});

async function open(scenario = "live") {
  vi.stubGlobal("IntersectionObserver", class {});
  const platform = new FakePlatform(scenario);
  const app = new App(platform);
  stop = await app.start();
  app.overlay = { kind: "settings" };
  render(Settings, { app });
  await waitFor(() => screen.getAllByTestId("provider"));
  if (platform.settings) await waitFor(() => screen.getByTestId("set-proxy"));
  return { platform, app };
}

const sets = (platform: FakePlatform) =>
  platform.calls.filter((call) => call.startsWith("set ")).map((call) => JSON.parse(call.slice(4))[0]);
const problems = () =>
  screen
    .getAllByRole("alert")
    .map((said) => said.textContent.trim())
    .join("");
const providers = () => screen.getAllByTestId("provider").map((row) => row.dataset["provider"]);
const provider = (name: string) =>
  within(screen.getAllByTestId("provider").find((row) => row.dataset["provider"] === name) as HTMLElement);
const type = (id: string, value: string) => fireEvent.change(screen.getByTestId(id), { target: { value } });

test("what is refused is said over the settings, where it can be read", async () => {
  const { platform } = await open();
  platform.changePreferences = () => Promise.reject(new PlatformError("not_saved", "the disk is full"));
  await fireEvent.click(screen.getByTestId("set-strip"));
  const said = await within(screen.getByTestId("settings")).findByTestId("toast");
  expect(said.textContent).toContain("The setting is not kept: the disk is full");
});

test("Home Assistant is a switch that counts after a restart", async () => {
  const { platform } = await open();
  const home = screen.getByTestId("set-home");
  expect(home.getAttribute("aria-checked")).toBe("false");
  await fireEvent.click(home);
  expect(sets(platform)).toEqual([{ set: "home_assistant", on: true }]);
  await waitFor(() => expect(screen.getByTestId("restart-bar")).toBeTruthy());
  expect(home.getAttribute("aria-checked")).toBe("true");
});

test("the order of providers is moved with the arrows, keeps the focus, and is told", async () => {
  const { platform } = await open();
  expect(providers()).toEqual(["coinbase", "binance", "yahoo", "finnhub", "ecb"]);
  await fireEvent.keyDown(provider("yahoo").getByTestId("provider-handle"), { key: "ArrowUp" });
  await waitFor(() => expect(providers()).toEqual(["coinbase", "yahoo", "binance", "finnhub", "ecb"]));
  await waitFor(() => expect(screen.getByText("Yahoo Finance: 2 of 5")).toBeTruthy());
  await waitFor(() => expect(document.activeElement).toBe(provider("yahoo").getByTestId("provider-handle")));
  await fireEvent.keyDown(provider("coinbase").getByTestId("provider-handle"), { key: "ArrowUp" });
  expect(sets(platform)).toEqual([{ set: "providers", order: ["coinbase", "yahoo", "binance", "finnhub", "ecb"] }]);
  await fireEvent.click(screen.getByTestId("providers-automatic"));
  await waitFor(() => expect(providers()[1]).toBe("binance"));
});

test("two providers switched at once are both off", async () => {
  const { platform } = await open();
  await Promise.all(["binance", "ecb"].map((name) => fireEvent.click(provider(name).getByTestId("provider-switch"))));
  await waitFor(() =>
    expect(sets(platform).at(-1)).toEqual({ set: "providers", order: ["coinbase", "yahoo", "finnhub"] }),
  );
});

test("a provider is switched off, the last one stays on", async () => {
  const { platform } = await open();
  for (const name of ["coinbase", "binance", "finnhub", "ecb"]) {
    await fireEvent.click(provider(name).getByTestId("provider-switch"));
    await waitFor(() =>
      expect(provider(name).getByTestId("provider-switch").getAttribute("aria-checked")).toBe("false"),
    );
  }
  expect(sets(platform).at(-1)).toEqual({ set: "providers", order: ["yahoo"] });
  expect(provider("yahoo").getByTestId<HTMLButtonElement>("provider-switch").disabled).toBe(true);
});

test("what takes a restart offers one, and what is set back does not", async () => {
  const { platform } = await open();
  expect(screen.queryByTestId("restart-bar")).toBeNull();
  await type("set-interval", "60");
  await fireEvent.click(await waitFor(() => screen.getByTestId("restart-now")));
  expect(platform.calls).toContain("restart");
  await type("set-interval", "5");
  await waitFor(() => expect(screen.queryByTestId("restart-bar")).toBeNull());
});

test("what is refused says why and stays to be corrected", async () => {
  await open();
  await type("set-proxy", "my proxy");
  await waitFor(() => expect(problems()).toContain("is no address"));
  expect(screen.getByTestId<HTMLInputElement>("set-proxy").value).toBe("my proxy");
  await type("set-proxy", "http://proxy:8080");
  await waitFor(() => expect(problems()).toBe(""));
});

test("what something stronger sets is shown, with its reason, and cannot be changed", async () => {
  await open("overridden");
  expect(screen.getByTestId<HTMLInputElement>("set-proxy").disabled).toBe(true);
  expect(screen.getByTestId("overridden").textContent).toContain("environment QUICKSTOCKS_NETWORK__PROXY");
  expect(screen.getByTestId<HTMLInputElement>("set-ca").disabled).toBe(false);
});

test("opening to the network asks once; then address and commands are there, and no password", async () => {
  const { platform } = await open();
  const network = within(screen.getByTestId("set-who")).getAllByRole("radio")[2] as HTMLElement;
  await fireEvent.click(network);
  expect(sets(platform)).toEqual([]);
  await fireEvent.click(screen.getByTestId("ask-yes"));
  await waitFor(() => expect(sets(platform)).toEqual([{ set: "broker", who: "my_network", port: 1883 }]));
  await waitFor(() => expect(screen.getByTestId("broker-access").textContent).toContain("mqtt://me@192.168.1.20:1883"));
  expect(screen.getByTestId("broker-access").textContent).toContain("-u me -P PASSWORD");
  const copied: string[] = [];
  vi.stubGlobal("navigator", {
    ...navigator,
    clipboard: { writeText: async (text: string) => void copied.push(text) },
  });
  await fireEvent.click(screen.getByTestId("copy-password"));
  await waitFor(() => expect(copied).toEqual(["f".repeat(64)]));
  expect(document.body.textContent).not.toContain("ffff");
  await type("set-port", "99999");
  expect(screen.getByTestId<HTMLInputElement>("set-port").value).toBe("1883");
});

test("each reset is asked first; new lists are asked for anew", async () => {
  const { platform, app } = await open();
  await fireEvent.click(screen.getByTestId("reset-lists"));
  expect(platform.calls).not.toContain("reset lists");
  await fireEvent.click(screen.getByText("Cancel"));
  await waitFor(() => expect(screen.queryByTestId("ask-yes")).toBeNull());
  await fireEvent.click(screen.getByTestId("reset-lists"));
  await fireEvent.click(screen.getByTestId("ask-yes"));
  await waitFor(() => expect(app.overlay).toBeNull());
  expect(platform.calls).toContain("reset lists");
});

test("a file that cannot be used says so", async () => {
  await open("broken");
  expect(screen.getByText(/config\.toml: invalid inline table, line 3/)).toBeTruthy();
});

test("the web page shows what can be set there", async () => {
  await open("web");
  for (const absent of ["set-proxy", "set-who", "reset-cache", "pinned", "provider-switch"])
    expect(screen.queryByTestId(absent)).toBeNull();
  for (const there of ["language", "key-input", "set-moves"])
    await waitFor(() => expect(screen.getByTestId(there)).toBeTruthy());
});

test("rows are dense, and the theme is chosen with the arrows", async () => {
  const { platform } = await open();
  await fireEvent.click(screen.getByText("Compact"));
  await waitFor(() => expect(platform.prefs.density).toBe("compact"));
  await fireEvent.keyDown(screen.getByRole("radio", { name: "System" }), { key: "ArrowRight" });
  await waitFor(() => expect(platform.prefs.theme).toBe("light"));
});

test("the order that nobody chose is no choice", async () => {
  const settings = await new FakePlatform().settings?.();
  if (!settings) throw new Error("the window has settings");
  const rows = choices(settings);
  expect(chosen(rows, settings.automatic)).toEqual([]);
  expect(chosen(moved(rows, 0, 4), settings.automatic)).toEqual(["binance", "yahoo", "finnhub", "ecb", "coinbase"]);
  expect([moved(rows, 0, -1), moved(rows, 4, 5), moved(rows, 7, 0)]).toEqual([rows, rows, rows]);
});

test("quiet hours begin with a night and are changed by the clock", async () => {
  const { app } = await open();
  await fireEvent.click(screen.getByTestId("set-quiet"));
  await waitFor(() => expect(app.desk.preferences.quiet_hours).toEqual({ from: "22:00", to: "07:00" }));
  await type("quiet-to", "06:30");
  await waitFor(() => expect(app.desk.preferences.quiet_hours).toEqual({ from: "22:00", to: "06:30" }));
  await fireEvent.click(screen.getByTestId("set-quiet"));
  await waitFor(() => expect(app.desk.preferences.quiet_hours ?? null).toBeNull());
});

test("what the system does is asked of it, and a test notification shows whether one arrives", async () => {
  await open();
  const autostart = await waitFor(() => screen.getByTestId("set-autostart"));
  await fireEvent.click(autostart);
  await waitFor(() => expect(screen.getByTestId("set-autostart").getAttribute("aria-checked")).toBe("true"));
  await fireEvent.click(screen.getByTestId("test-notification"));
  await waitFor(() => expect(document.getElementById("set-alerts")?.textContent).toContain("The last one was taken"));
});

test("a system without tray and notifications says so, and is not asked to start the app", async () => {
  await open("bare");
  await waitFor(() => expect(problems()).toContain("No notification service"));
  expect(screen.queryByTestId("set-autostart")).toBeNull();
  expect(document.getElementById("set-tray")?.textContent).toContain("closing the window ends Quickstocks");
});

test("what the broker counts is asked for only while somebody looks", async () => {
  const { platform } = await open();
  const asked = vi.spyOn(platform, "mqttStats");
  const figures = screen.getByTestId("broker-figures") as HTMLDetailsElement;
  expect(asked).not.toHaveBeenCalled();
  figures.open = true;
  await fireEvent(figures, new Event("toggle"));
  const counts = within(await screen.findByTestId("broker-counts"));
  await waitFor(() => expect(counts.getByText("Messages delivered").nextElementSibling?.textContent).toBe("67,890"));
  expect(counts.getByText("Replaced by a newer value")).toBeTruthy();
  expect(counts.queryByText("Router built anew")).toBeNull();
});
