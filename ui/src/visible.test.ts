import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Visible } from "./visible";

let looks: string[][];
let away: boolean;
let visible: Visible;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  [looks, away] = [[], false];
  visible = new Visible(
    (symbols) => looks.push(symbols),
    () => away,
  );
  stop = visible.start();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

test("rows that come into view are told once, when the list stands still", () => {
  visible.show("AAPL");
  vi.advanceTimersByTime(200);
  visible.show("MSFT");
  visible.show("NVDA");
  visible.hide("NVDA");
  vi.advanceTimersByTime(299);
  expect(looks).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(looks).toEqual([["AAPL", "MSFT"]]);
});

test("what stays in view is told again every half minute, and what left is not", () => {
  visible.show("AAPL");
  visible.show("MSFT");
  vi.advanceTimersByTime(1_000);
  visible.hide("MSFT");
  vi.advanceTimersByTime(120_000);
  expect(looks[0]).toEqual(["AAPL", "MSFT"]);
  expect(looks.slice(1).every((look) => look.join() === "AAPL")).toBe(true);
  expect(looks.length).toBeGreaterThanOrEqual(3);
  expect(looks.length).toBeLessThanOrEqual(5);
});

test("the open instrument stays told wherever its row is", () => {
  visible.open("AAPL");
  visible.show("AAPL");
  vi.advanceTimersByTime(300);
  visible.hide("AAPL");
  vi.advanceTimersByTime(60_000);
  expect(looks.length).toBeGreaterThanOrEqual(2);
  visible.open(null);
  const told = looks.length;
  vi.advanceTimersByTime(60_000);
  expect(looks.length).toBe(told);
});

test("scrolling to and fro says nothing twice", () => {
  for (let turn = 0; turn < 20; turn += 1) {
    visible.show("AAPL");
    vi.advanceTimersByTime(500);
    visible.hide("AAPL");
  }
  expect(looks).toEqual([["AAPL"]]);
});

test("nothing is told while nobody can see it, and never more than a screenful", () => {
  away = true;
  for (let i = 0; i < 1_000; i += 1) visible.show(`S${i}`);
  vi.advanceTimersByTime(60_000);
  expect(looks).toEqual([]);
  away = false;
  vi.advanceTimersByTime(30_000);
  expect(looks[0]?.length).toBe(200);
});
