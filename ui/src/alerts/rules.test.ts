import { expect, test } from "vitest";
import type { History } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { chipState, distance, isTrueNow, lastThere, preview, suggestion, typed } from "./rules";

const apple = new FakePlatform().quote("AAPL");
const above = (value: number) => ({ kind: "above" as const, value });

test.each([
  ["250", 250],
  ["250.5", 250.5],
  ["250,5", 250.5],
  ["1,234.56", 1234.56],
  ["1.234,56", 1234.56],
  ["1 234.5 USD", 1234.5],
  ["", null],
  ["0", null],
  ["abc", null],
])("“%s” is read as %s", (text, value) => expect(typed(text)).toBe(value));

test("the distance is told both ways", () => {
  expect(distance(above(250), apple)).toBe("5.40 away (+2.21\u202f%)");
  expect(distance({ kind: "day_move", value: 3 }, apple)).toBe("now +1.27\u202f%");
});

test("a condition that is true already says when it will fire", () => {
  expect(isTrueNow(above(240), apple)).toBe(true);
  expect(preview(above(240), apple)).toBe("True now. It fires when the price has been below 240.00 once.");
  expect(preview({ kind: "below", value: 250 }, apple)).toContain("has been above 250.00 once");
  expect(preview(above(250), apple)).toBe("5.40 above the price (+2.21\u202f%).");
});

test("an alert is armed only while it can fire", () => {
  const alert = { id: "1", symbol: "AAPL", condition: above(250), repeat: false, extended_hours: false, enabled: true };
  const now = new Date("2026-11-24T12:00:00Z");
  const later = new Date("2026-11-24T13:00:00Z");
  expect(chipState(alert, apple, false, null, now)).toBe("armed");
  expect(chipState(alert, { ...apple, state: "stale" }, false, null, now)).toBe("paused");
  expect(chipState(alert, apple, false, later, now)).toBe("paused");
  expect(chipState(alert, apple, true, null, now)).toBe("off");
  expect(chipState({ ...alert, enabled: false }, apple, false, null, now)).toBe("fired");
});

test.each([
  [244.6, "above", "250.00"],
  [244.6, "below", "240.00"],
  [250, "above", "255.00"],
  [250, "below", "245.00"],
  [97508.97, "above", "100000.00"],
  [1.02, "below", "1.00"],
])("from %s the value to begin with is a round one %s", (price, kind, value) =>
  expect(suggestion(kind as "above" | "below", { ...apple, price })).toBe(value),
);

test("whatever the price, the value to begin with is beyond it and near", () => {
  for (let price = 0.013; price < 1e6; price *= 1.37) {
    const quote = { ...apple, price, price_digits: 6 };
    const [below, above] = [Number(suggestion("below", quote)), Number(suggestion("above", quote))];
    expect(below < price && price < above).toBe(true);
    expect(above / price).toBeLessThan(1.04);
    expect(below / price).toBeGreaterThan(0.96);
  }
});

test("the day on which the price was last there is told", () => {
  const now = new Date("2026-11-24T20:00:00Z");
  const bar = (at: string, low: number, high: number) => ({ at, open: low, high, low, close: low });
  const bars = [
    bar("2025-12-30T14:30:00Z", 248, 251),
    bar("2026-02-13T14:30:00Z", 230, 246),
    bar("2026-11-24T14:30:00Z", 241, 245),
  ];
  const year: History = { symbol: "AAPL", range: "1y", interval: "1d", source: "yahoo", bars };
  expect(lastThere(above(250), year, now)).toBe("Last there on 30 Dec 2025.");
  expect(lastThere(above(245.5), year, now)).toBe("Last there on 13 Feb.");
  expect(lastThere(above(245), year, now)).toBe("Last there today.");
  expect(lastThere({ kind: "below", value: 235 }, year, now)).toBe("Last there on 13 Feb.");
  expect(lastThere(above(252), year, now)).toBe("Not there in a year.");
});
