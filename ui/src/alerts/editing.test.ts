import { afterEach, expect, test } from "vitest";
import type { Condition, History } from "../bindings";
import { speak } from "../i18n.svelte";
import { FakePlatform } from "../platform/fake";
import {
  cannotFire,
  fieldsOf,
  isTrueNow,
  lastThere,
  minutesOf,
  preview,
  ruleOf,
  suggestion,
  waitText,
  waits,
} from "./editing";

const apple = new FakePlatform().quote("AAPL");
const above = (value: number) => ({ kind: "above" as const, value });
afterEach(() => speak("en"));

const RULES: Condition[] = [
  above(250),
  { kind: "below", value: 240.5 },
  { kind: "day_move", value: 2.5 },
  { kind: "move_within", value: { percent: 3, minutes: 90 } },
  { kind: "year_high" },
  { kind: "year_low" },
  { kind: "volume_spike", value: 10 },
  // With more digits than the price is shown with.
  above(249.995),
  above(1234.567),
  { kind: "below", value: 0.00001234 },
  { kind: "below", value: 1e-7 },
  { kind: "day_move", value: 0.125 },
  { kind: "volume_spike", value: 1.0625 },
];

test.each(["en", "de"])("in %s each rule comes out of its fields as it went in", async (tag) => {
  await speak(tag);
  for (const rule of RULES) expect(ruleOf(fieldsOf(rule, apple))).toEqual(rule);
});

test("a move within a time takes whole minutes up to a day", () => {
  expect(minutesOf("15")).toBe(15);
  for (const wrong of ["0", "1.5", "1441", "", "x"]) expect(minutesOf(wrong)).toBeNull();
  expect(ruleOf({ kind: "move_within", value: "3", minutes: "0" })).toBeNull();
});

test("a condition that is true already says when it will fire", () => {
  expect(isTrueNow(above(240), apple)).toBe(true);
  expect(preview(above(240), apple)).toBe("True now. It fires when the price has been below 240.00 once.");
  expect(preview({ kind: "below", value: 250 }, apple)).toContain("has been above 250.00 once");
  expect(preview(above(250), apple)).toBe("5.40 above the price (+2.21\u202f%).");
  expect(preview({ kind: "volume_spike", value: 0.5 }, apple)).toMatch(/^True now/);
  expect(preview({ kind: "year_high" }, { ...apple, year_high: apple.price })).toMatch(/^At its 52-week high now/);
});

test("each kind says what it means for the price of now", () => {
  expect(preview({ kind: "move_within", value: { percent: 10, minutes: 5 } }, apple)).toBe(
    "From the price of now that is 269.06 or 220.14.",
  );
  expect(preview({ kind: "year_high" }, apple)).toMatch(/^17\.12 below the 52-week high of 261\.72/);
  expect(preview({ kind: "volume_spike", value: 2 }, apple)).toMatch(/^Now 0\.79 × the usual \(40\.90/);
});

test("what can never fire says so", () => {
  const silent = { ...apple, average_volume: null, year_high: null };
  expect(cannotFire({ kind: "volume_spike", value: 2 }, silent)).toContain("tells no usual volume of AAPL");
  expect(cannotFire({ kind: "year_high" }, silent)).toContain("52-week range of AAPL");
  for (const rule of RULES) expect(cannotFire(rule, apple)).toBeUndefined();
});

test("a wait that was set elsewhere can be kept", () => {
  expect(waits(30)).toEqual([0, 5, 15, 30, 60, 240, 1440]);
  expect(waits(45)).toContain(45);
  expect([0, 45, 60, 240, 1440].map(waitText)).toEqual(["no wait", "45 min", "1 hour", "4 hours", "1 day"]);
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
