/** An instrument as a person looks at it, on the made-up desk. */
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, expect, test, vi } from "vitest";
import type { Alert } from "../bindings";
import { FakePlatform } from "../platform/fake";
import Root from "../Root.svelte";
import { aWindow } from "../test-window";
import type { ChartLook } from "./chart";

const drawn = vi.hoisted(() => ({ looks: [] as unknown[] }));
// A layout engine would be needed to draw: what is to be drawn is looked at instead.
vi.mock("./chart", () => ({
  openChart: () => ({
    draw: (_: unknown, look: unknown) => drawn.looks.push(look),
    live() {},
    step() {},
    destroy() {},
  }),
}));
const look = () => drawn.looks.at(-1) as ChartLook;

aWindow();
beforeEach(() => {
  localStorage.clear();
  drawn.looks.length = 0;
});

async function open(scenario = "live") {
  const platform = new FakePlatform(scenario);
  render(Root, { platform });
  await waitFor(() => expect(drawn.looks.length).toBeGreaterThan(0));
  return platform;
}

test("the session is told with its next bell, in the foot when all are closed", async () => {
  await open();
  await waitFor(() => expect(screen.getByTestId("bell").textContent).toContain("closes in 78 min"));
  cleanup();
  await open("closed");
  await waitFor(() => expect(screen.getByTestId("bell").textContent).toContain("opens in 4 h"));
  expect(screen.getByTestId("feed-state").textContent).toContain("next open 19:00 ET");
});

test("candles are chosen, and stay chosen", async () => {
  await open();
  expect(look().style).toBe("line");
  await fireEvent.click(screen.getByTestId("chart-candles"));
  await waitFor(() => expect(look().style).toBe("candles"));
  cleanup();
  drawn.looks.length = 0;
  await open();
  expect(look().style).toBe("candles");
});

test("another symbol is found by typing, compared with, and let go", async () => {
  await open();
  await fireEvent.click(screen.getByTestId("compare"));
  const input = await screen.findByTestId("compare-input");
  await fireEvent.input(input, { target: { value: "voda" } });
  await waitFor(() => expect(screen.getAllByTestId("compare-option").length).toBe(1));
  await fireEvent.keyDown(input, { key: "Enter" });
  await waitFor(() => expect(look().other?.symbol).toBe("VOD.L"));
  expect((await screen.findByTestId("compared")).textContent).toMatch(/AAPL.*%.*VOD\.L.*%/s);
  await fireEvent.click(screen.getByTestId("range-6mo"));
  await waitFor(() => expect(look().other?.range).toBe("6mo"));
  await fireEvent.click(screen.getByTestId("compare-remove"));
  await waitFor(() => expect(look().other).toBeNull());
  expect(screen.queryByTestId("compared")).toBeNull();
});

test("the picker closes with Esc and gives the focus back", async () => {
  await open();
  await fireEvent.click(screen.getByTestId("compare"));
  await fireEvent.keyDown(await screen.findByTestId("compare-input"), { key: "Escape" });
  await waitFor(() => expect(screen.queryByTestId("compare-input")).toBeNull());
  expect(document.activeElement).toBe(screen.getByTestId("compare"));
});

test("the picker closes where the focus goes elsewhere, and leaves it there", async () => {
  await open();
  await fireEvent.click(screen.getByTestId("compare"));
  await screen.findByTestId("compare-input");
  screen.getByTestId("search-input").focus();
  await waitFor(() => expect(screen.queryByTestId("compare-input")).toBeNull());
  expect(document.activeElement).toBe(screen.getByTestId("search-input"));
});

test("armed alerts are lines in the chart, those on the year's ends too", async () => {
  const platform = await open();
  expect(look().alerts).toEqual([250]);
  cleanup();
  const rule = { ...(platform.alertList[0] as Alert), id: "9", condition: { kind: "year_high" as const } };
  const other = new FakePlatform();
  other.alertList.push(rule, { ...rule, id: "10", enabled: false });
  drawn.looks.length = 0;
  render(Root, { platform: other });
  await waitFor(() => expect(look()?.alerts.length).toBe(2));
  expect(look().alerts[1]).toBeCloseTo(244.6 * 1.07);
});

test("a range without prices says since when there are any", async () => {
  await open("young");
  await fireEvent.click(screen.getByTestId("range-5y"));
  expect(await screen.findByText("No prices for 5 years.")).toBeTruthy();
  expect(await screen.findByText(/AAPL has prices from 24 May to/)).toBeTruthy();
});

test("the menu pins the symbol to the tray", async () => {
  const platform = await open();
  await fireEvent.click(screen.getByTestId("more"));
  await fireEvent.click(await screen.findByText("Price beside the tray icon"));
  await waitFor(() => expect(platform.prefs.pinned).toBe("AAPL"));
});
