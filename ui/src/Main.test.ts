/** The interface as a person uses it, on the made-up desk. */
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { aWindow, openWindow } from "./test-window";

vi.mock("./instrument/chart", async () => (await import("./test-window")).undrawn);

aWindow();
const open = (scenario = "live", language?: string) =>
  openWindow(scenario, (platform) => language && (platform.prefs.language = language));

const words = (node: HTMLElement) => node.textContent?.replace(/\s+/g, " ");
const rows = () => screen.getAllByTestId("row").map((row) => row.dataset["symbol"]);
const row = (symbol: string) =>
  screen.getAllByTestId("row").find((one) => one.dataset["symbol"] === symbol) as HTMLElement;

test("each row shows its price with session and time", async () => {
  await open();
  expect(words(row("AAPL"))).toContain("244.60");
  expect(words(row("AAPL"))).toContain("Live 14:42");
  expect(row("7203.T").textContent).toMatch(/Closed/);
  expect(screen.getByTestId("feed-state").textContent).toContain("Yahoo Finance");
});

test("a search is chosen with the arrows and followed with Enter", async () => {
  const platform = await open();
  const input = screen.getByTestId("search-input");
  await fireEvent.input(input, { target: { value: "app" } });
  await waitFor(() => expect(screen.getAllByTestId("search-option").length).toBeGreaterThan(1));
  await fireEvent.keyDown(input, { key: "ArrowDown" });
  await fireEvent.keyDown(input, { key: "Enter" });
  await waitFor(() => expect(platform.calls).toContain("follow APP"));
  expect(rows()).toContain("APP");
  expect(screen.getByTestId("detail-name").textContent).toBe("AppLovin Corporation");
});

test("a new price is drawn in its row only", async () => {
  const platform = await open();
  platform.emit({ batch: [{ ...platform.quote("AAPL"), price: 251.5 }] });
  await waitFor(() =>
    expect(row("AAPL").querySelector('[data-testid="row-price"]')?.getAttribute("data-price")).toBe("251.5"),
  );
  expect(row("MSFT").textContent).toContain("408.43");
});

test("Alt and an arrow move a row, Delete removes it with a way back", async () => {
  const platform = await open();
  await fireEvent.keyDown(row("AAPL"), { key: "ArrowDown", altKey: true });
  await waitFor(() => expect(rows().slice(0, 2)).toEqual(["MSFT", "AAPL"]));
  await fireEvent.keyDown(row("NVDA"), { key: "Delete" });
  await waitFor(() => expect(rows()).not.toContain("NVDA"));
  await fireEvent.click(screen.getByText("Undo"));
  await waitFor(() => expect(rows()[2]).toBe("NVDA"));
  expect(platform.lists[0]?.symbols[2]).toBe("NVDA");
});

test("an alert is made with a value that makes sense, and only so", async () => {
  const platform = await open();
  await fireEvent.click(screen.getByTestId("add-alert"));
  const value = await screen.findByTestId("alert-value");
  await fireEvent.input(value, { target: { value: "nonsense" } });
  expect((screen.getByTestId("alert-save") as HTMLButtonElement).disabled).toBe(true);
  await fireEvent.input(value, { target: { value: "260" } });
  expect(document.body.textContent).toContain("15.40 above the price");
  await fireEvent.submit(document.querySelector("form#alert") as HTMLFormElement);
  await waitFor(() => expect(screen.getAllByTestId("alert-chip")).toHaveLength(2));
  expect(platform.alertList.at(-1)?.condition).toEqual({ kind: "above", value: 260 });
});

test("made-up prices say so on each row, at the foot and in a banner that stays", async () => {
  await open("simulated");
  expect(row("AAPL").textContent).toContain("SIMULATED");
  expect(screen.getByTestId("feed-state").textContent).toContain("SIMULATED");
  const banner = screen.getByTestId("banner");
  expect(banner.textContent).toContain("These numbers are made up");
  expect(banner.querySelector('[aria-label="Close"]')).toBeNull();
});

test("what a provider writes is text", async () => {
  await open("hostile");
  await waitFor(() => expect(screen.getByTestId("detail-name").textContent).toContain("<img src=x onerror"));
  expect(document.querySelector("img")).toBeNull();
  expect(document.querySelector("script")).toBeNull();
});

test("the first page begins with six ticked and the alert of big moves on", async () => {
  const platform = await open("firstrun");
  expect((screen.getByTestId("first-run-day-move") as HTMLInputElement).checked).toBe(true);
  await fireEvent.click(screen.getByTestId("first-run-start"));
  await waitFor(() => screen.getByTestId("feed-state"));
  expect(platform.prefs).toMatchObject({ welcomed: true, day_move_alerts: true });
});

test("an empty list says what to do", async () => {
  await open("empty");
  expect(document.body.textContent).toContain("Press / and type a name");
});

test("a taken port is left for the one offered", async () => {
  const platform = await open("port");
  expect(screen.getByTestId("banner").textContent).toContain("Port 1883 is in use by another program.");
  await fireEvent.click(screen.getByTestId("use-port"));
  await waitFor(() => expect(screen.queryByTestId("banner")).toBeNull());
  expect(platform.calls).toContain("port 1884");
});

test("the tray opens an instrument or the settings, where its price is chosen", async () => {
  const platform = await open();
  platform.ask({ symbol: "NVDA" });
  await waitFor(() => expect(screen.getByTestId("detail-name").textContent).toBe("NVIDIA Corporation"));
  platform.ask("settings");
  const pinned = await waitFor(() => screen.getByTestId("pinned"));
  await fireEvent.change(pinned, { target: { value: "MSFT" } });
  await waitFor(() => expect(platform.prefs.pinned).toBe("MSFT"));
});

test("the editor says when the price was last there", async () => {
  await open();
  await fireEvent.click(screen.getByTestId("add-alert"));
  await waitFor(() => expect(document.getElementById("alert-help")?.textContent).toContain("Not there in a year."));
  await fireEvent.input(screen.getByTestId("alert-value"), { target: { value: "240" } });
  expect(document.getElementById("alert-help")?.textContent).toContain("True now.");
});

test("a key is set in the settings, is never shown, and can be removed", async () => {
  const platform = await open();
  await fireEvent.click(screen.getByTestId("settings-open"));
  const field = await waitFor(() => screen.getByTestId<HTMLInputElement>("key-input"));
  expect(field.type).toBe("password");
  await fireEvent.input(field, { target: { value: " abc123 " } });
  await fireEvent.click(screen.getByTestId("key-save"));
  await waitFor(() => expect(screen.getByTestId("key-place").textContent).toBe("Key saved in the keychain"));
  expect(platform.calls).toContain("key finnhub 6");
  expect(document.body.textContent).not.toContain("abc123");
  const remove = screen.getByTestId<HTMLButtonElement>("key-remove");
  await waitFor(() => expect(remove.disabled).toBe(false));
  await fireEvent.click(remove);
  const empty = await waitFor(() => screen.getByTestId<HTMLInputElement>("key-input"));
  expect(empty.value).toBe("");
  expect(platform.calls).toContain("no key finnhub");
});

test("where there is no keychain, that is said and the key stays in the field", async () => {
  await open("nokeychain");
  await fireEvent.click(screen.getByTestId("settings-open"));
  const field = await waitFor(() => screen.getByTestId<HTMLInputElement>("key-input"));
  await fireEvent.input(field, { target: { value: "abc123" } });
  await fireEvent.click(screen.getByTestId("key-save"));
  await waitFor(() => expect(screen.getByTestId("key-problem").textContent).toContain("no keychain"));
  expect(field.value).toBe("abc123");
});

test("each provider says how it is, why, and when it is asked again", async () => {
  await open("providers");
  await fireEvent.click(screen.getByTestId("settings-open"));
  const told = (await screen.findAllByTestId("provider")).map((one) => words(one));
  expect(told).toHaveLength(5);
  expect(told[0]).toMatch(/^ ?Coinbase.*Degraded ?asked us to slow down · next try in \d+ s/);
  expect(told[2]).toMatch(/Yahoo Finance.*Down ?does not answer \(timed out\).*Retry/);
});

test("a price that stands still says so in words", async () => {
  await open("halted");
  expect(words(row("AAPL"))).toContain("No trade since 10:42");
  cleanup();
  await open("delisted");
  expect(words(row("AAPL"))).toContain("Not traded any more · last 27 Oct 2022");
});

test("recorded prices say so on each row, at the foot and in a banner", async () => {
  await open("replay");
  expect(words(row("AAPL"))).toContain("REPLAY");
  expect(screen.getByTestId("feed-state").textContent).toContain("14 Feb 2025 · 4×");
  expect(screen.getByTestId("banner").textContent).toContain("Recorded prices of 14 Feb 2025.");
});

test("a kept chart says of when it is and why", async () => {
  await open("kept");
  await waitFor(() => screen.getByText(/^Chart of .*Yahoo Finance does not answer$/));
});

test("a list of the market takes the markets' place, chosen by mouse or arrows", async () => {
  const platform = await open();
  const listed = () => [...screen.getByTestId("market-list").querySelectorAll(".symbol")].map((one) => one.textContent);
  await waitFor(() => expect(listed()).toContain("^GSPC"));
  expect(platform.calls.some((call) => call.startsWith("list "))).toBe(false);
  await fireEvent.click(screen.getByRole("tab", { name: "Gainers" }));
  await waitFor(() => expect(listed().slice(0, 3)).toEqual(["APP", "NVDA", "AAPL"]));
  expect(listed()).toHaveLength(8);
  await fireEvent.keyDown(screen.getByRole("tab", { name: "Gainers" }), { key: "ArrowRight" });
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Losers" }));
  await waitFor(() => expect(listed()[0]).toBe("AVGO"));
  await fireEvent.click(screen.getByRole("tab", { name: "Markets" }));
  expect(listed()).toContain("^GSPC");
});

test("without an answer the list says so", async () => {
  await open("stale");
  await fireEvent.click(await screen.findByRole("tab", { name: "Trending" }));
  await waitFor(() => screen.getByText("Yahoo Finance gives no list now."));
});

test("a German reader finds nothing else", async () => {
  await open("stale", "de");
  expect(document.documentElement.lang).toBe("de");
  expect(words(row("AAPL"))).toContain("244,60");
  expect(words(row("AAPL"))).toContain("Veraltet 14:42");
  expect(screen.getByTestId("banner").textContent).toMatch(/^Seit \d\d:\d\d .*kommen keine Kurse\./);
  expect(screen.getByTestId("follow-button").textContent).toContain("Auf der Liste");
  await waitFor(() => expect(document.body.textContent).toContain("Technologie"));
});

test("another language is spoken as soon as it is chosen", async () => {
  const platform = await open();
  await fireEvent.click(screen.getByTestId("settings-open"));
  const chosen = await screen.findByTestId<HTMLSelectElement>("language");
  expect([...chosen.options].map((option) => option.text)).toEqual(["System", "Deutsch", "English"]);
  await fireEvent.change(chosen, { target: { value: "de" } });
  await waitFor(() => expect(screen.getByRole("dialog", { name: "Einstellungen" })).toBeDefined());
  expect(platform.prefs.language).toBe("de");
  expect(words(row("AAPL"))).toContain("244,60");
});

test("the palette does by name what is chosen with the arrows, and gives the focus back", async () => {
  const platform = await open();
  row("MSFT").focus();
  await fireEvent.keyDown(row("MSFT"), { key: "P", ctrlKey: true, shiftKey: true });
  const input = await screen.findByTestId("palette-input");
  await fireEvent.input(input, { target: { value: "dark th" } });
  await waitFor(() =>
    expect(screen.getAllByRole("option", { selected: true }).at(-1)?.textContent).toContain("Theme: Dark"),
  );
  expect(input.getAttribute("aria-activedescendant")).toBe("palette-0");
  await fireEvent.keyDown(input, { key: "Enter" });
  await waitFor(() => expect(platform.prefs.theme).toBe("dark"));
  expect(screen.queryByTestId("palette")).toBeNull();
});
