import { describe, expect, test } from "vitest";
import type { ProviderHealth, Quote } from "../bindings";
import { FakePlatform } from "../platform/fake";
import { feedState, type FeedInput } from "./state";

const now = new Date("2026-11-24T19:42:20Z");
const quote = (change: Partial<Quote> = {}): Quote => ({ ...new FakePlatform().quote("AAPL"), ...change });
const health = (change: Partial<ProviderHealth> = {}): ProviderHealth => ({
  name: "yahoo",
  state: "up",
  since: "2026-11-24T19:02:00Z",
  ...change,
});
const state = (input: Partial<FeedInput>) =>
  feedState({ quotes: [], providers: [], lost: null, ready: true, configured: "auto", now, ...input });

describe("the feed says", () => {
  test("connecting before the first price", () => expect(state({}).kind).toBe("connecting"));

  test("live, with the delay", () => {
    expect(state({ quotes: [quote()], providers: [health()] })).toMatchObject({
      kind: "live",
      detail: "Yahoo Finance · real time",
    });
    const late = quote({ state: "delayed", delay_minutes: 15 });
    expect(state({ quotes: [late], providers: [health()] }).detail).toBe("Yahoo Finance · delayed 15 min");
  });

  test("closed when every market is", () => {
    expect(state({ quotes: [quote({ session: "closed", state: "closed" })], providers: [health()] }).kind).toBe(
      "closed",
    );
  });

  test("stale, since when, why, and when it tries again", () => {
    const down = health({
      state: "down",
      reason: "Yahoo Finance does not answer (timed out)",
      next_try: "2026-11-24T19:42:32Z",
    });
    const told = state({ quotes: [quote({ state: "stale" })], providers: [down] });
    expect(told.kind).toBe("stale");
    expect(told.title).toMatch(/^Stale since \d\d:\d\d$/);
    expect(told.detail).toBe("retrying in 12 s");
    expect(told.banner).toMatchObject({ retry: true });
    expect(told.banner?.text).toContain("timed out");
  });

  test("refused, in plain words", () => {
    const down = health({
      state: "down",
      reason: "Yahoo Finance refuses this network (403)",
      code: "refused",
      next_try: "2026-11-24T19:43:20Z",
    });
    expect(state({ quotes: [quote({ state: "stale" })], providers: [down] }).banner?.title).toBe(
      "This network blocks Yahoo Finance.",
    );
  });

  test("slow when it was asked to slow down", () => {
    const slow = health({ state: "degraded", reason: "Yahoo Finance asked us to slow down" });
    expect(state({ quotes: [quote()], providers: [slow] }).kind).toBe("slow");
  });

  test("SIMULATED above all, chosen or standing in", () => {
    const made = quote({ source: "simulated" });
    const down = health({ state: "down", next_try: "2026-11-24T19:42:32Z" });
    expect(state({ quotes: [made], providers: [down] }).banner?.text).toContain("no provider has answered yet");
    expect(state({ quotes: [made], configured: "simulated" }).banner?.text).toContain("was chosen");
  });

  test("which sources most prices come from, and the slowest of them", () => {
    const quotes = [
      quote({ state: "delayed", delay_minutes: 15 }),
      quote({ symbol: "MSFT" }),
      quote({ symbol: "BTC-USD", source: "coinbase" }),
    ];
    const told = state({ quotes, providers: [health(), health({ name: "coinbase" })] });
    expect(told.detail).toBe("Yahoo Finance, Coinbase · up to 15 min delayed");
    expect(state({ quotes: [...quotes, quote({ source: "ecb" })], providers: [] }).detail).toMatch(
      /^Yahoo Finance and 2 more/,
    );
  });

  const yahooDown = health({
    state: "down",
    reason: "Yahoo Finance does not answer (timed out)",
    next_try: "2026-11-24T19:42:32Z",
  });
  const finnhub = health({ name: "finnhub" });

  test("a fallback is a note and no banner", () => {
    const told = state({ quotes: [quote({ source: "finnhub" })], providers: [finnhub, yahooDown] });
    expect(told).toMatchObject({ kind: "live", detail: "Finnhub (Yahoo Finance is down)" });
    expect(told.banner).toBeUndefined();
    expect(told.more).toContain("timed out");
  });

  test("a provider that is not asked any more, or comes after those in use, is no news", () => {
    const ecb = health({ name: "ecb", state: "down", next_try: "2026-11-24T19:42:32Z" });
    expect(state({ quotes: [quote()], providers: [health(), ecb] }).detail).toBe("Yahoo Finance · real time");
    const binance = health({ name: "binance", state: "down", next_try: "2026-11-24T19:00:00Z" });
    expect(state({ quotes: [quote()], providers: [health(), binance] }).detail).toBe("Yahoo Finance · real time");
  });

  test("that a provider is tried again before its prices are old", () => {
    const told = state({ quotes: [quote()], providers: [yahooDown] });
    expect(told).toMatchObject({ kind: "live", detail: "Yahoo Finance · retrying in 12 s" });
    expect(told.banner).toBeUndefined();
  });

  test("how many prices are stale while others go on", () => {
    const quotes = [quote({ state: "stale" }), quote({ symbol: "BTC-USD", source: "coinbase" })];
    const told = state({ quotes, providers: [yahooDown, health({ name: "coinbase" })] });
    expect(told.title).toMatch(/^1 price stale since /);
    expect(told.banner?.title).toMatch(/^1 price stopped at /);
    expect(told.banner?.text).toContain("The others go on.");
  });

  test("a rejected key, with what to do, while prices go on", () => {
    const rejected = health({ name: "finnhub", state: "down", code: "key_rejected" });
    const told = state({ quotes: [quote()], providers: [health(), rejected] });
    expect(told).toMatchObject({
      kind: "key",
      title: "Finnhub: key rejected",
      detail: "prices from Yahoo Finance",
      banner: { title: "Finnhub did not accept the key.", settings: "Replace key", retry: false },
    });
  });

  test("that a decision about cookies is wanted, while prices go on", () => {
    const told = state({ quotes: [quote()], providers: [health({ state: "degraded", code: "consent" })] });
    expect(told.kind).toBe("live");
    expect(told.banner?.title).toBe("Yahoo Finance asks about its cookies.");
    expect(told.banner?.text).toContain("[provider.yahoo]");
  });

  test("a slow provider of few prices in a note only", () => {
    const quotes = [quote(), quote({ symbol: "MSFT" }), quote({ symbol: "BTC-USD", source: "coinbase" })];
    const slow = health({ name: "coinbase", state: "degraded", reason: "Coinbase asked us to slow down" });
    const told = state({ quotes, providers: [health(), slow] });
    expect(told.kind).toBe("live");
    expect(told.detail).toContain("Coinbase is slow");
    expect(told.banner).toBeUndefined();
  });

  test("REPLAY with its date and speed", () => {
    const recorded = quote({ source: "replay", quoted_at: "2025-02-14T19:42:00Z" });
    expect(state({ quotes: [recorded], configured: "replay", replaySpeed: 4 })).toMatchObject({
      kind: "replay",
      detail: "14 Feb 2025 · 4×",
      banner: { title: "REPLAY", text: "Recorded prices of 14 Feb 2025." },
    });
  });

  test("offline when the server is gone", () => expect(state({ quotes: [quote()], lost: 4 }).kind).toBe("offline"));
});
