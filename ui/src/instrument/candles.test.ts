import { beforeEach, expect, test } from "vitest";
import { candle } from "./candles";
import { chooseStyle, chosenStyle } from "./choices";

const INK = { up: "green", down: "red", quiet: "grey" };
const bar = { at: "2026-11-24T14:30:00Z", open: 10, high: 12, low: 9, close: 11 };

beforeEach(() => localStorage.clear());

test("a candle has the colour of its own way; one that stands still counts as up", () => {
  expect(candle(bar, INK, false)).toMatchObject({ open: 10, high: 12, low: 9, close: 11, color: "green" });
  expect(candle({ ...bar, close: 9.5 }, INK, false).color).toBe("red");
  expect(candle({ ...bar, close: 10 }, INK, false).color).toBe("green");
  expect(candle(bar, INK, true), "outside of regular trading").toMatchObject({ color: "grey", wickColor: "grey" });
});

test("a wick reaches as far as its candle, whatever a provider says", () => {
  expect(candle({ ...bar, high: 10.5, low: 10.8 }, INK, false)).toMatchObject({ high: 11, low: 10 });
});

test("how charts are drawn is remembered, and what makes no sense is not", () => {
  expect(chosenStyle()).toBe("line");
  chooseStyle("candles");
  expect(chosenStyle()).toBe("candles");
  localStorage.setItem("chart-style", "pie");
  expect(chosenStyle()).toBe("line");
});
