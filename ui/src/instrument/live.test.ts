import { expect, test } from "vitest";
import type { History } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { liveBar } from "./live";

const apple = new FakePlatform().quote("AAPL");
const at = (time: string) => `2026-11-24T${time}:00Z`;
const bar = (time: string, close: number) => ({ at: at(time), open: close, high: close, low: close, close });
const history: History = {
  symbol: "AAPL",
  range: "1d",
  interval: "5m",
  source: "yahoo",
  bars: [bar("14:25", 240), bar("14:30", 241), bar("14:35", 242)],
  regular_hours: { start: at("14:30"), end: at("21:00") },
};
const quoted = (time: string, price = 243) => ({ ...apple, price, quoted_at: at(time) });

test("a price within the last bar moves its end and widens it", () => {
  expect(liveBar(history, quoted("14:39"))).toEqual({ at: at("14:35"), open: 242, high: 243, low: 242, close: 243 });
  expect(liveBar(history, quoted("14:39", 242))?.close, "a price that has come back").toBe(242);
});

test("a later price begins a bar in step with the others", () => {
  expect(liveBar(history, quoted("14:51"))?.at).toBe("2026-11-24T14:50:00.000Z");
});

test("the regular close stays before the closing bell, and after-hours bars are left alone", () => {
  const late = { ...history, bars: [...history.bars, bar("20:55", 244), bar("21:05", 250)] };
  expect(liveBar(late, quoted("21:00", 244.6))).toMatchObject({ at: at("20:55"), close: 244.6 });
});

test("an older price, another symbol, a made-up price among real ones and an unopened day change nothing", () => {
  expect(liveBar(history, quoted("14:34"))).toBeUndefined();
  expect(liveBar(history, { ...quoted("14:39"), symbol: "MSFT" })).toBeUndefined();
  expect(liveBar(history, { ...quoted("14:39"), source: "simulated" })).toBeUndefined();
  expect(liveBar({ ...history, bars: history.bars.slice(0, 1) }, quoted("14:39"))).toBeUndefined();
});

test("bars of days take in the day's price", () => {
  const days: History = { ...history, range: "1mo", interval: "1d", regular_hours: null };
  expect(liveBar(days, quoted("19:42"))).toMatchObject({ at: at("14:35"), close: 243 });
});
