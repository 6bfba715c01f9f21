import { expect, test } from "vitest";
import type { Bar, History } from "../bindings";
import { together } from "./compare";

const bar = (at: string, close: number): Bar => ({ at, open: close, high: close, low: close, close });
const history = (bars: Bar[], more: Partial<History> = {}): History => ({
  symbol: "AAPL",
  range: "6mo",
  interval: "1d",
  source: "yahoo",
  time_zone: "America/New_York",
  bars,
  ...more,
});
const tokyo = { symbol: "7203.T", time_zone: "Asia/Tokyo" };
const moves = (one: History, other: History) =>
  together(one, other)?.points.map(({ own, other }) => [own, other].map((move) => move && Math.round(move)));

test("both begin at nothing and move in percent of their own prices", () => {
  const apple = history([bar("2026-11-23T14:30:00Z", 200), bar("2026-11-24T14:30:00Z", 220)]);
  const other = history([bar("2026-11-23T14:30:00Z", 50), bar("2026-11-24T14:30:00Z", 45)]);
  expect(moves(apple, other)).toEqual([
    [0, 0],
    [10, -10],
  ]);
  expect(together(apple, other)?.moves.other).toBeCloseTo(-10);
});

test("days are laid beside each other by the exchanges' own dates", () => {
  const apple = history([bar("2026-11-23T14:30:00Z", 100), bar("2026-11-24T14:30:00Z", 110)]);
  // Midnight in London, nine in Tokyo: the same date, hours before New York.
  const toyota = history([bar("2026-11-23T00:00:00Z", 100), bar("2026-11-24T00:00:00Z", 120)], tokyo);
  const both = [
    [0, 0],
    [10, 20],
  ];
  expect(moves(apple, toyota)).toEqual(both);
  expect(moves(toyota, apple)).toEqual(both.map((pair) => pair.toReversed()));
});

test("on a holiday of the other one its last price stands", () => {
  const apple = history([bar("2026-11-23T14:30:00Z", 100), bar("2026-11-24T14:30:00Z", 110)]);
  const closed = history([bar("2026-11-23T00:00:00Z", 50)], tokyo);
  expect(moves(apple, closed)).toEqual([
    [0, 0],
    [10, 0],
  ]);
});

test("where one is younger both begin with it", () => {
  const old = history([
    bar("2026-11-20T14:30:00Z", 50),
    bar("2026-11-23T14:30:00Z", 100),
    bar("2026-11-24T14:30:00Z", 110),
  ]);
  const young = history([bar("2026-11-23T14:30:00Z", 10), bar("2026-11-24T14:30:00Z", 11)]);
  expect(moves(old, young)).toEqual([
    [0, 0],
    [10, 10],
  ]);
  expect(together(old, young)?.base).toBe(100);
  expect(moves(young, old)).toEqual([
    [0, 0],
    [10, 10],
  ]);
});

test("on the day both are compared with their previous closes, moment by moment", () => {
  const day = { range: "1d", interval: "5m" } as const;
  const apple = history([bar("2026-11-24T14:30:00Z", 101), bar("2026-11-24T14:35:00Z", 102)], {
    ...day,
    previous_close: 100,
  });
  const other = history([bar("2026-11-24T14:32:00Z", 210)], { ...day, previous_close: 200 });
  expect(moves(apple, other)).toEqual([[2, 5]]);
});

test("what has nothing in common is not compared", () => {
  const apple = history([bar("2026-11-23T14:30:00Z", 100)]);
  expect(together(apple, history([]))).toBeUndefined();
  expect(together(history([]), apple)).toBeUndefined();
  expect(together(apple, history([bar("2026-11-24T14:30:00Z", 1)]))).toBeUndefined();
  expect(together(apple, { ...apple, range: "1y" })).toBeUndefined();
  expect(together(apple, { ...apple, interval: "1h" })).toBeUndefined();
});
