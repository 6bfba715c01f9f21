import { expect, test } from "vitest";
import type { Quote } from "../bindings";
import { LABEL_GAP, apart, sketch, targetPrice } from "./sketch";

const quote: Quote = {
  symbol: "AAPL",
  kind: "equity",
  price: 100,
  previous_close: 98,
  change_percent: 2.04,
  session: "regular",
  quoted_at: "2026-11-24T19:42:10Z",
  received_at: "2026-11-24T19:42:10Z",
  source: "yahoo",
  state: "live",
};

test("a price is its own target, a move on the day is counted from the close towards where the price is going", () => {
  expect(targetPrice({ kind: "above", value: 110 }, quote)).toBe(110);
  expect(targetPrice({ kind: "day_move", value: 5 }, quote)).toBeCloseTo(102.9);
  expect(targetPrice({ kind: "day_move", value: 5 }, { ...quote, change_percent: -1 })).toBeCloseTo(93.1);
  expect(targetPrice({ kind: "day_move", value: 5 }, { ...quote, previous_close: null })).toBeUndefined();
});

test("the target lies above the course when it is higher, below when it is lower", () => {
  const above = sketch({ kind: "above", value: 110 }, quote, [98, 99, 100]);
  expect(above && above.target < above.now).toBe(true);
  const below = sketch({ kind: "below", value: 90 }, quote, [98, 99, 100]);
  expect(below && below.target > below.now).toBe(true);
});

test("one price only, or a flat day, is still a picture of numbers", () => {
  for (const points of [[], [100], [100, 100]]) {
    const drawn = sketch({ kind: "above", value: 100 }, quote, points);
    expect(drawn?.path).toMatch(/^M0 [\d.]+(L[\d.]+ [\d.]+)+$/);
    expect(Number.isFinite(drawn?.now) && Number.isFinite(drawn?.target)).toBe(true);
  }
});

test("labels never cover each other and keep their order", () => {
  expect(apart(20, 80)).toEqual([20, 80]);
  for (const [now, target] of [
    [50, 50],
    [50, 45],
    [45, 50],
  ] as const) {
    const [a, b] = apart(now, target);
    expect(Math.abs(a - b)).toBeCloseTo(LABEL_GAP);
    expect(Math.sign(b - a)).toBe(target > now ? 1 : -1);
  }
});
