/** Lists, menus, notes, holdings and files as a person uses them, on the made-up desk. */
import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { PlatformError } from "../platform/platform";
import { aWindow, openWindow } from "../test-window";
import { read } from "./files";

vi.mock("../instrument/chart", async () => (await import("../test-window")).undrawn);

aWindow();
const open = openWindow;

const rows = () => screen.getAllByTestId("row").map((row) => row.dataset["symbol"]);
const row = (symbol: string) =>
  screen.getAllByTestId("row").find((one) => one.dataset["symbol"] === symbol) as HTMLElement;
const tabs = () => screen.getAllByTestId("tab").map((tab) => tab.firstChild?.textContent);
const tab = (name: string) => screen.getByRole("tab", { name: new RegExp(`^${name}`) });
const item = (name: string | RegExp) => screen.findByRole("menuitem", { name });

test("a row goes to another list by its menu, and back by Undo to its place", async () => {
  const platform = await open();
  row("MSFT").focus();
  await fireEvent.keyDown(row("MSFT"), { key: "F10", shiftKey: true });
  const move = await item("Move to");
  await fireEvent.keyDown(move, { key: "ArrowRight" });
  await fireEvent.click(await item("Europe"));
  await waitFor(() => expect(rows()).not.toContain("MSFT"));
  expect(platform.calls).toContain("move MSFT default Europe end");
  await fireEvent.click(screen.getByText("Undo"));
  await waitFor(() => expect(rows()[1]).toBe("MSFT"));
  expect(platform.lists[0]?.symbols[1]).toBe("MSFT");
  expect(platform.lists[1]?.symbols).not.toContain("MSFT");
});

test("a row goes to another list where it is dropped on its tab", async () => {
  const platform = await open();
  await fireEvent.dragStart(row("NVDA"));
  await fireEvent.dragOver(tab("Europe"));
  await fireEvent.drop(tab("Europe"));
  await waitFor(() => expect(rows()).not.toContain("NVDA"));
  expect(platform.lists[1]?.symbols).toEqual(["VOD.L", "SAP.DE", "NVDA"]);
});

test("rows change places where they are dropped, and stay where they were otherwise", async () => {
  const platform = await open();
  await fireEvent.dragStart(row("AAPL"));
  await fireEvent.dragOver(row("NVDA"));
  expect(rows().slice(0, 3)).toEqual(["MSFT", "NVDA", "AAPL"]);
  await fireEvent.dragEnd(row("AAPL"));
  await waitFor(() => expect(rows()[0]).toBe("AAPL"));
  await fireEvent.dragStart(row("AAPL"));
  await fireEvent.dragOver(row("NVDA"));
  await fireEvent.drop(row("NVDA"));
  await fireEvent.dragEnd(row("AAPL"));
  await waitFor(() => expect(platform.lists[0]?.symbols.slice(0, 3)).toEqual(["MSFT", "NVDA", "AAPL"]));
});

test("the order of a list is kept with it, and no tick changes it", async () => {
  const platform = await open();
  await fireEvent.change(screen.getByLabelText("Sort by"), { target: { value: "change" } });
  await waitFor(() => expect(rows()[0]).toBe("NVDA"));
  expect(platform.lists[0]?.view?.sort).toBe("change");
  platform.emit({ batch: [{ ...platform.quote("VOD.L"), change_percent: 50, price: 1 }] });
  await waitFor(() => expect(row("VOD.L").textContent).toContain("50.00"));
  expect(rows()[0]).toBe("NVDA");
  await fireEvent.click(tab("Europe"));
  expect(screen.getByLabelText<HTMLSelectElement>("Sort by").value).toBe("manual");
  await fireEvent.click(tab("Main"));
  expect(screen.getByLabelText<HTMLSelectElement>("Sort by").value).toBe("change");
});

test("of five thousand rows a screenful is drawn, and the keys reach all of them", async () => {
  const symbols = Array.from({ length: 5000 }, (_, n) => `S${n}`);
  await open("live", (platform) => (platform.lists = [{ name: "default", symbols }]));
  expect(screen.getAllByTestId("row").length).toBeLessThan(60);
  const first = row("S0");
  expect([first.getAttribute("aria-setsize"), first.getAttribute("aria-posinset")]).toEqual(["5000", "1"]);
  first.focus();
  await fireEvent.keyDown(first, { key: "End" });
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-posinset")).toBe("5000"));
  await fireEvent.keyDown(document.activeElement as HTMLElement, { key: "ArrowUp" });
  await waitFor(() => expect(document.activeElement?.id).toBe("row-S4998"));
});

test("rows stand in groups, with what they are and how many", async () => {
  await open("lists");
  const heads = () => [...document.querySelectorAll(".group")].map((head) => head.textContent?.trim());
  expect(heads()).toEqual(
    ["Equities 14", "Indices 1", "Crypto 1", "Currencies 1", "Futures 1"].map((text) => expect.stringMatching(text)),
  );
  await fireEvent.click(screen.getByTestId("list-menu"));
  await fireEvent.keyDown(await item("Group by"), { key: "ArrowRight" });
  await fireEvent.click(await screen.findByRole("menuitemradio", { name: "Currency" }));
  await waitFor(() => expect(heads()[0]).toMatch(/^EUR/));
});

test("lists change places, and a list that was removed comes back to its place", async () => {
  const platform = await open("lists");
  const { calls } = platform;
  await fireEvent.keyDown(tab("Europe"), { key: "ArrowRight", altKey: true });
  await waitFor(() => expect(tabs().slice(0, 3)).toEqual(["Main", "Technology", "Europe"]));
  expect(calls).toContain("place Europe 2");
  await fireEvent.keyDown(tab("Europe"), { key: "Delete" });
  await waitFor(() => expect(tabs()).not.toContain("Europe"));
  await fireEvent.click(screen.getByText("Undo"));
  await waitFor(() => expect(tabs()[2]).toBe("Europe"));
});

test("a list is renamed in one step", async () => {
  const platform = await open();
  await fireEvent.keyDown(tab("Europe"), { key: "F2" });
  const field = screen.getByLabelText("Name of the list");
  await fireEvent.input(field, { target: { value: "EU" } });
  await fireEvent.keyDown(field, { key: "Enter" });
  await waitFor(() => expect(tabs()).toEqual(["Main", "EU"]));
  expect(platform.calls).toContain("rename Europe EU");
});

test("what is refused is said over what is open, and only there", async () => {
  const platform = await open();
  platform.setNote = () => Promise.reject(new PlatformError("not_saved", "the disk is full"));
  row("AAPL").focus();
  await fireEvent.keyDown(row("AAPL"), { key: "F2" });
  await fireEvent.input(await screen.findByTestId("note-alias"), { target: { value: "The fruit" } });
  await fireEvent.submit(document.querySelector("form#note") as HTMLFormElement);
  const said = await screen.findByTestId("toast");
  expect(said.textContent).toContain("Not saved: the disk is full");
  expect(said.closest("dialog")).not.toBeNull();
});

test("an alias stands instead of the name, and lots are valued", async () => {
  const platform = await open();
  row("AAPL").focus();
  await fireEvent.keyDown(row("AAPL"), { key: "F2" });
  await fireEvent.input(await screen.findByTestId("note-alias"), { target: { value: " The fruit " } });
  await fireEvent.click(screen.getByTestId("lot-add"));
  const quantity = screen.getByTestId("lot-quantity");
  await fireEvent.input(quantity, { target: { value: "x" } });
  expect(screen.getByTestId<HTMLButtonElement>("note-save").disabled).toBe(true);
  await fireEvent.input(quantity, { target: { value: "12,5" } });
  await fireEvent.submit(document.querySelector("form#note") as HTMLFormElement);
  await waitFor(() => expect(row("AAPL").textContent).toContain("The fruit"));
  await screen.findByTestId("totals");
  expect(platform.calls).toContain('lots AAPL [{"quantity":12.5,"currency":"USD"}]');
  const totals = await screen.findByTestId("totals");
  expect(totals.textContent).toContain("Not all of 7203.T is in these sums");
  await fireEvent.change(within(totals).getByLabelText("Sum up in"), { target: { value: "EUR" } });
  await waitFor(() => expect(screen.getByTestId("totals").textContent).toContain("3,512.40"));
  expect(platform.prefs.currency).toBe("EUR");
});

test("a file is looked at, and taken in when the user agrees", async () => {
  const platform = await open();
  await fireEvent.click(screen.getByTestId("list-menu"));
  await fireEvent.click(await item("Import…"));
  const input = await screen.findByTestId<HTMLInputElement>("import-file");
  await fireEvent.change(input, { target: { files: [new File(["AAPL"], "my/quotes.csv")] } });
  const problems = await screen.findByTestId("import-problems");
  expect(problems.textContent).toBe("2 lines cannot be imported");
  expect(screen.getByText("Line 9").closest("li")?.textContent).toContain('=HYPERLINK("http://evil.example")');
  expect(platform.calls.some((call) => call.startsWith("import"))).toBe(false);
  await fireEvent.change(screen.getByTestId("import-list"), { target: { value: "/new" } });
  expect((await screen.findByTestId<HTMLInputElement>("import-name")).value).toBe("my quotes");
  await fireEvent.click(screen.getByTestId("import-take"));
  await waitFor(() => expect(tabs()).toContain("my quotes"));
  const choice = { list: "my quotes", notes: true, holdings: true, alerts: true, preferences: false };
  expect(platform.calls).toContain(`import ${JSON.stringify(choice)}`);
  await fireEvent.click(await screen.findByText("Undo"));
  await waitFor(() => expect(platform.calls).toContain("restore 2026-11-24T19-00-00-000Z"));
});

test.each([
  ["UTF-8", [0xef, 0xbb, 0xbf, 0xc3, 0xbc]],
  ["UTF-16", [0xff, 0xfe, 0xfc, 0]],
  ["UTF-16 the other way round", [0xfe, 0xff, 0, 0xfc]],
])("%s with its mark is read", async (_, bytes) => {
  expect(await read(new File([new Uint8Array(bytes)], "lists.csv"))).toEqual({ name: "lists.csv", contents: "ü" });
});

test("a file that is no text is told in words", async () => {
  await open();
  await fireEvent.click(screen.getByTestId("list-menu"));
  await fireEvent.click(await item("Import…"));
  const latin = new File([new Uint8Array([0x5a, 0xfc, 0x72, 0x69, 0x63, 0x68])], "quotes.csv");
  await fireEvent.change(await screen.findByTestId("import-file"), { target: { files: [latin] } });
  expect((await screen.findByTestId("import-failed")).textContent).toContain("Save the file as UTF-8");
  await fireEvent.change(screen.getByTestId("import-file"), { target: { files: [new File([" "], "empty.txt")] } });
  await waitFor(() => expect(screen.getByTestId("import-failed").textContent).toBe("there is nothing in the file"));
});

test("a backup is restored after it was asked about", async () => {
  const platform = await open();
  await fireEvent.click(screen.getByTestId("settings-open"));
  const backups = await screen.findByTestId("backups");
  const [restore] = await within(backups).findAllByText("Restore");
  expect(backups.textContent).toContain("3 lists · 41 symbols · 4 alerts");
  expect(backups.textContent).toContain("me.json is damaged");
  await fireEvent.click(restore as HTMLElement);
  expect(platform.calls.some((call) => call.startsWith("restore"))).toBe(false);
  await fireEvent.click(within(backups).getByText("Replace everything?"));
  await waitFor(() => expect(platform.calls).toContain("restore 2026-11-24T19-00-00-000Z"));
});
