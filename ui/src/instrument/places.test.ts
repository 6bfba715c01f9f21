import { expect, test } from "vitest";
import type { Bar, History } from "../bindings";
import { axisLabels, beginsLate, extendedHours, restOfDay } from "./places";

const bar = (at: string): Bar => ({ at, open: 1, high: 1, low: 1, close: 1 });

test("the day goes on in steps of its bars up to the closing bell", () => {
  const bars = [bar("2026-11-24T20:45:00Z"), bar("2026-11-24T20:50:00Z")];
  const rest = restOfDay(bars, "2026-11-24T21:00:00Z").map(({ time }) => new Date(time * 1000).toISOString());
  expect(rest).toEqual(["2026-11-24T20:55:00.000Z", "2026-11-24T21:00:00.000Z"]);
});

test("a day that is over, one bar, or none has no rest", () => {
  const bars = [bar("2026-11-24T21:00:00Z"), bar("2026-11-24T21:05:00Z")];
  expect(restOfDay(bars, "2026-11-24T21:00:00Z")).toEqual([]);
  expect(restOfDay(bars.slice(1), "2026-11-24T22:00:00Z")).toEqual([]);
  expect(restOfDay([], "2026-11-24T22:00:00Z")).toEqual([]);
});

test("however short the bars and far the bell, the places are bounded", () => {
  const bars = [bar("2026-11-24T20:00:00Z"), bar("2026-11-24T20:00:01Z")];
  expect(restOfDay(bars, "2027-11-24T21:00:00Z").length).toBe(1440);
});

const named = (bars: Bar[]) =>
  extendedHours(bars, { start: "2026-11-24T14:30:00Z", end: "2026-11-24T21:00:00Z" }).map(
    ({ name, from, to }) =>
      `${name} ${[from, to].map((t) => new Date(t * 1000).toISOString().slice(11, 16)).join("–")}`,
  );
const day = (...times: string[]) => times.map((time) => bar(`2026-11-24T${time}:00Z`));

test("the extended hours reach up to the bells' own points", () => {
  expect(named(day("14:20", "14:25", "14:30", "20:55", "21:00", "21:05"))).toEqual([
    "pre 14:20–14:30",
    "post 20:55–21:05",
  ]);
  expect(named(day("14:20", "14:25"))).toEqual(["pre 14:20–14:25"]);
  expect(named(day("14:30", "20:55"))).toEqual([]);
  expect(named(day("21:00", "21:05"))).toEqual(["post 21:00–21:05"]);
  expect(named([])).toEqual([]);
});

test("a label under a tag is left out", () => {
  expect(axisLabels([1, 2, 3], String, (price) => price === 2)).toEqual(["1", "", "3"]);
});

test("a chart that could begin earlier says since when there are prices", () => {
  const now = new Date("2026-11-24T12:00:00Z");
  const late = (range: History["range"], first: string) =>
    beginsLate({ symbol: "X", range, interval: "1d", source: "yahoo", bars: [bar(first)] }, now);
  expect(late("1y", "2026-03-02T14:30:00Z")).toBe("2026-03-02T14:30:00Z");
  expect(late("1y", "2025-12-01T14:30:00Z"), "a holiday").toBeUndefined();
  expect(late("max", "2026-03-02T14:30:00Z"), "it is all there is").toBeUndefined();
  expect(late("1d", "2026-11-24T09:00:00Z")).toBeUndefined();
});
