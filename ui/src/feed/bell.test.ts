import { expect, test } from "vitest";
import type { MarketHours, Quote } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { bell, nextOpening, oneOfEach } from "./bell";
import { Hours } from "./hours.svelte";

const now = new Date("2026-11-24T12:00:00Z");
const apple = new FakePlatform().quote("AAPL");
const shut: Quote = { ...apple, session: "pre" };
const hours = (bells: Partial<MarketHours>): MarketHours => ({
  symbol: "AAPL",
  session: "closed",
  time_zone: "America/New_York",
  told_by: "calendar",
  ...bells,
});
const said = (quote: Quote, bells: Partial<MarketHours>) => bell(quote, hours(bells), now)?.text;

test("a near bell is counted down to, a far one is told by the exchange's clock", () => {
  expect(said(shut, { opens_at: "2026-11-24T14:30:00Z" })).toBe("opens in 3 h");
  expect(said(shut, { opens_at: "2026-11-24T12:25:00Z" })).toBe("opens in 25 min");
  expect(said(shut, { opens_at: "2026-11-24T12:00:45Z" })).toBe("opens in 45 s");
  expect(said(shut, { opens_at: "2026-11-30T14:30:00Z" })).toBe("opens Mon 09:30 ET");
  expect(said(apple, { closes_at: "2026-11-24T12:25:00Z" })).toBe("closes in 25 min");
  expect(bell(apple, hours({ closes_at: "2026-11-24T12:25:00Z" }), now)?.title).toBe("closes 07:25 ET");
});

test("nothing is said of a bell that has rung, or against what the quote says", () => {
  expect(said(shut, { opens_at: "2026-11-24T12:00:00Z" })).toBeUndefined();
  expect(said({ ...apple, session: "closed" }, { closes_at: "2026-11-24T21:00:00Z" })).toBeUndefined();
  expect(said(apple, { opens_at: "2026-11-25T14:30:00Z" })).toBeUndefined();
  expect(bell(apple, undefined, now)).toBeNull();
  expect(said(apple, {}), "a market that never closes").toBeUndefined();
});

test("nor of prices that are of no market now", () => {
  const opens = { opens_at: "2026-11-24T14:30:00Z" };
  for (const source of ["simulated", "replay", "ecb"]) expect(said({ ...shut, source }, opens)).toBeUndefined();
  expect(said({ ...shut, standstill: "delisted" }, opens)).toBeUndefined();
});

test("the footer tells the first opening of all", () => {
  const tokyo = hours({ symbol: "7203.T", time_zone: "Asia/Tokyo", opens_at: "2026-11-25T00:00:00Z" });
  const york = hours({ opens_at: "2026-11-24T14:30:00Z" });
  const rung = hours({ opens_at: "2026-11-24T08:00:00Z" });
  expect(nextOpening([tokyo, undefined, york, rung, hours({})], now)).toBe("09:30 ET");
  expect(nextOpening([rung], now)).toBeUndefined();
});

test("one symbol of each market is asked for", () => {
  const other = { ...apple, symbol: "MSFT" };
  expect(oneOfEach([apple, other, { ...apple, symbol: "VOD.L", exchange: "LSE" }])).toEqual(["AAPL", "VOD.L"]);
});

test("hours are asked for once, again when the bell has rung, and when they are old", async () => {
  const platform = new FakePlatform();
  const told = new Hours(platform);
  const asked = () => platform.calls.filter((call) => call.startsWith("hours")).length;
  const at = (text: string) => told.want(["AAPL"], new Date(`2026-11-24T${text}Z`));
  await at("20:50:00");
  expect(told.of("AAPL")?.closes_at).toBe("2026-11-24T21:00:00Z");
  await at("20:59:59");
  expect(asked()).toBe(1);
  await at("21:00:00");
  await at("21:00:10");
  expect(asked(), "not more often than every half minute").toBe(2);
  await told.want(["BTC-USD"], now);
  await told.want(["BTC-USD"], new Date(now.getTime() + 16 * 60_000));
  expect(asked()).toBe(4);
});

test("while nobody answers what was told stays, and it is asked for again", async () => {
  const platform = new FakePlatform();
  const told = new Hours(platform);
  await told.want(["AAPL"], now);
  platform.hours = () => Promise.reject(new Error("no answer"));
  await told.want(["AAPL"], new Date(now.getTime() + 3_600_000));
  expect(told.of("AAPL")?.closes_at).toBe("2026-11-24T21:00:00Z");
});
