/** Alerts as a person meets them in the window, on the made-up desk. */
import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { aWindow, openWindow } from "../test-window";

vi.mock("../instrument/chart", async () => (await import("../test-window")).undrawn);

aWindow();
const open = (scenario = "alerts", language = "en") =>
  openWindow(scenario, (platform) => (platform.prefs.language = language));

async function openPanel(tab: "log" | "all" = "log") {
  await fireEvent.click(screen.getByTestId("alerts-open"));
  await fireEvent.click(await screen.findByTestId(`alerts-tab-${tab}`));
}

const text = (node: Element | null | undefined) => node?.textContent?.replace(/\s+/g, " ").trim();
const entries = () => screen.findAllByTestId("log-entry");
const toasts = () => screen.queryAllByTestId("toast").map(text);
const chips = () => screen.getAllByTestId("alert-chip").map((chip) => [chip.dataset["state"], text(chip)]);
const choose = async (testid: string, value: string) =>
  fireEvent.change(await screen.findByTestId(testid), { target: { value } });
const type = async (testid: string, value: string) =>
  fireEvent.input(await screen.findByTestId(testid), { target: { value } });
const save = () => fireEvent.submit(document.querySelector("form#alert") as HTMLFormElement);

test("each alert says what it is doing", async () => {
  await open();
  await waitFor(() =>
    expect(chips()).toEqual([
      ["armed", "above 250.00 5.40 away (+2.21 %)"],
      ["fired", "below 242.00 fired 09:31"],
      ["waiting", "±1.5 % in 15 min again in 12 min"],
      ["armed", "52-week high 17.12 away (+7.00 %)"],
    ]),
  );
});

test("looking at the log reads it, and what was new stays marked meanwhile", async () => {
  const platform = await open();
  await waitFor(() => expect(screen.getByTestId("alerts-open").getAttribute("aria-label")).toBe("Alerts, 2 unread"));
  await openPanel();
  const [first, , third] = await entries();
  expect(text(first)).toContain("AAPL ±1.5 % in 15 min 243.10 USD 14:24 New −1.62 %");
  expect(text(third)).not.toContain("New");
  await waitFor(() => expect(platform.alertsLog.summary().unread).toBe(0));
  expect(screen.getByTestId("alerts-open").getAttribute("aria-label")).toBe("Alerts");
  expect(text((await entries())[0])).toContain("New");
  expect(text((await entries())[3])).toContain("not told: muted");
  expect(text((await entries())[4])).toContain("Biggest moves of 23 Nov");
});

test("an entry opens its symbol, and its alert, from which there is a way back", async () => {
  await open();
  await openPanel();
  const [, , below] = await entries();
  await fireEvent.click(within(below as HTMLElement).getByTestId("log-edit"));
  expect(((await screen.findByTestId("alert-value")) as HTMLInputElement).value).toBe("242.00");
  await fireEvent.click(screen.getByText("Cancel"));
  const [, moved] = await entries();
  await fireEvent.click(within(moved as HTMLElement).getByTitle("Open NVDA"));
  expect(screen.getByTestId("detail-name").textContent).toBe("NVIDIA Corporation");
  expect(screen.queryByTestId("alerts-tab-log")).toBeNull();
});

test("a symbol is muted from the log and told again from its page", async () => {
  const platform = await open();
  await openPanel();
  await fireEvent.click(within((await entries())[0] as HTMLElement).getByTestId("log-mute"));
  await waitFor(() => expect(chips()[0]).toEqual(["muted", "above 250.00 muted today"]));
  const choice = screen.getByTestId("mute") as HTMLSelectElement;
  expect(choice.value).toBe("today");
  await choose("mute", "ever");
  await waitFor(() => expect(chips()[0]?.[1]).toBe("above 250.00 muted"));
  const row = screen.getAllByTestId("row").find((one) => one.dataset["symbol"] === "AAPL");
  expect(row?.textContent).toContain("Alerts muted");
  await choose("mute", "on");
  await waitFor(() => expect(chips()[0]?.[0]).toBe("armed"));
  expect(platform.calls.filter((call) => call.includes("mute"))).toEqual([
    "mute AAPL today",
    "mute AAPL ever",
    "unmute AAPL",
  ]);
});

test("the log is forgotten once that is confirmed, alerts stay", async () => {
  const platform = await open();
  await openPanel();
  await entries();
  await fireEvent.click(screen.getByTestId("log-clear"));
  expect(platform.alertsLog.entries).toHaveLength(7);
  await fireEvent.click(screen.getByTestId("log-clear-yes"));
  await screen.findByText("Nothing has fired yet");
  expect(platform.alertList).toHaveLength(9);
});

test("all alerts stand by their distance; one goes with a way back, another is switched off", async () => {
  const platform = await open();
  await openPanel("all");
  const rows = () => screen.getAllByTestId("all-row").map(text);
  expect(rows()[0]).toContain("EURUSD=X above 1.05000");
  await fireEvent.click(screen.getAllByTestId("all-remove")[0] as HTMLElement);
  await waitFor(() => expect(rows()[0]).toContain("MSFT"));
  await fireEvent.click(screen.getByText("Undo"));
  await waitFor(() => expect(rows()[0]).toContain("EURUSD=X"));
  expect(platform.alertList.at(-1)).toMatchObject({ symbol: "EURUSD=X", repeat: true });
  await fireEvent.click(screen.getAllByTestId("all-switch")[1] as HTMLElement);
  await waitFor(() => expect(platform.alertList.find(({ id }) => id === "7")?.enabled).toBe(false));
  // It does not jump away under the hand.
  expect(rows()[1]).toBe("MSFT ±2.5 % today off");
});

test("without an alert the list offers to make one", async () => {
  const platform = await open("live");
  platform.alertList = [];
  platform.emit({ alert_log: { entries: 0, unread: 0 } });
  await openPanel("all");
  await fireEvent.click(await screen.findByText("Add alert for AAPL"));
  expect(await screen.findByTestId("alert-value")).toBeTruthy();
});

test("what fires is told with a way to it; what fires in silence is only counted", async () => {
  const platform = await open("live");
  const rule = { kind: "above" as const, value: 400 };
  const fired = platform.alertsLog.push(["x", "2", "MSFT", rule, 401, 1, "2026-11-24T19:42:20Z"]);
  platform.emit({ alert: fired });
  await waitFor(() => expect(toasts()).toEqual(["MSFT above 400.00 · 401.00 USD Open"]));
  expect(screen.getByTestId("toast").closest("[role=alert]")).toBeTruthy();
  platform.alertsLog.push(["y", "2", "MSFT", rule, 402, 1, "2026-11-24T19:42:21Z"], "quiet_hours");
  await waitFor(() => expect(screen.getByTestId("alerts-open").getAttribute("aria-label")).toBe("Alerts, 2 unread"));
  expect(toasts()).toHaveLength(1);
  await fireEvent.click(within(screen.getByTestId("toast")).getByText("Open"));
  expect(screen.getByTestId("detail-name").textContent).toBe("Microsoft Corporation");
});

test("a fast move is asked for with its time and a wait", async () => {
  const platform = await open("live");
  await fireEvent.click(screen.getByTestId("add-alert"));
  await choose("alert-kind", "move_within");
  await type("alert-value", "1.5");
  await type("alert-minutes", "0");
  expect(text(document.getElementById("alert-help"))).toBe("Whole minutes, 1 to 1440.");
  await type("alert-minutes", "10");
  await fireEvent.click(screen.getByRole("radio", { name: "Every time" }));
  await choose("alert-wait", "60");
  await save();
  await waitFor(() =>
    expect(platform.alertList.at(-1)).toMatchObject({
      condition: { kind: "move_within", value: { percent: 1.5, minutes: 10 } },
      repeat: true,
      cooldown_minutes: 60,
    }),
  );
});

test("a number is read as the language writes it, and the editor says how", async () => {
  const platform = await open("live", "de");
  await fireEvent.click(screen.getByTestId("add-alert"));
  await type("alert-value", "1.234");
  expect(text(document.getElementById("alert-help"))).toMatch(/^Gelesen als 1\.234,00\. 989,40 über dem Kurs/);
  await save();
  await waitFor(() => expect(platform.alertList.at(-1)?.condition).toEqual({ kind: "above", value: 1234 }));
});

test("an alert on a volume that nobody tells says that it stays silent", async () => {
  await open("live");
  await fireEvent.click(screen.getAllByTestId("row").find((row) => row.dataset["symbol"] === "BTC-USD") as HTMLElement);
  await fireEvent.click(screen.getByTestId("add-alert"));
  await choose("alert-kind", "volume_spike");
  expect(text(document.getElementById("alert-help"))).toContain("no usual volume of BTC-USD");
});

test("what was changed is asked about before it is dropped", async () => {
  await open("live");
  await fireEvent.keyDown(document.body, { key: "l" });
  await fireEvent.click(await screen.findByLabelText("Close"));
  await fireEvent.click(screen.getByTestId("add-alert"));
  await type("alert-value", "260");
  await fireEvent.click(screen.getByLabelText("Close"));
  await fireEvent.click(await screen.findByText("Keep editing"));
  expect((screen.getByTestId("alert-value") as HTMLInputElement).value).toBe("260");
  await fireEvent.click(screen.getByLabelText("Close"));
  await fireEvent.click(screen.getByText("Discard"));
  expect(screen.queryByTestId("alert-value")).toBeNull();
});
