/** The made-up market: quotes, their past, their hours, and how the providers are. Nothing here changes. */

import type { Bar, History, Instrument, Kind, MarketHours, ProviderHealth, Quote, Range } from "../bindings";

type Seed = [
  symbol: string,
  name: string,
  kind: Kind,
  exchange: string,
  currency: string,
  price: number,
  percent: number,
  digits: number,
];

export const SEEDS: Seed[] = [
  ["AAPL", "Apple Inc.", "equity", "NASDAQ", "USD", 244.6, 1.27, 2],
  ["MSFT", "Microsoft Corporation", "equity", "NASDAQ", "USD", 408.43, -0.51, 2],
  ["NVDA", "NVIDIA Corporation", "equity", "NASDAQ", "USD", 138.85, 2.63, 2],
  ["^GSPC", "S&P 500", "index", "SNP", "USD", 6114.63, -0.004, 2],
  ["BTC-USD", "Bitcoin USD", "crypto", "CCC", "USD", 97508.97, 0.92, 2],
  ["EURUSD=X", "EUR/USD", "currency", "CCY", "USD", 1.04937, 0.28, 5],
  ["VOD.L", "Vodafone Group Public Limited Company", "equity", "LSE", "GBP", 0.6662, -0.8, 4],
  ["7203.T", "Toyota Motor Corporation", "equity", "Tokyo", "JPY", 2769, -0.66, 1],
  ["BRK-B", "Berkshire Hathaway Inc.", "equity", "NYSE", "USD", 479.35, -0.36, 2],
  ["AMD", "Advanced Micro Devices", "equity", "NASDAQ", "USD", 113.1, 1.09, 2],
  ["AVGO", "Broadcom Inc.", "equity", "NASDAQ", "USD", 233.04, -0.88, 2],
  ["CRM", "Salesforce, Inc.", "equity", "NYSE", "USD", 326.54, 0.27, 2],
  ["ORCL", "Oracle Corporation", "equity", "NYSE", "USD", 174.16, 0.71, 2],
  ["SAP.DE", "SAP SE", "equity", "XETRA", "EUR", 278.15, -0.3, 2],
  ["TSLA", "Tesla, Inc.", "equity", "NASDAQ", "USD", 355.84, -0.03, 2],
  ["GC=F", "Gold Feb 27", "future", "COMEX", "USD", 2900.7, -1.52, 1],
  ["APP", "AppLovin Corporation", "equity", "NASDAQ", "USD", 480.1, 3.2, 2],
  ["APPN", "Appian Corporation", "equity", "NASDAQ", "USD", 33.4, 0.4, 2],
];

const FAKE_NOW = "2026-11-24T19:42:10Z";

function sourceOf(kind: Kind, scenario: string): string {
  if (scenario === "simulated" || scenario === "replay") return scenario;
  if (scenario === "fallback") return kind === "crypto" ? "coinbase" : kind === "currency" ? "ecb" : "finnhub";
  return "yahoo";
}

export function quoteOf(
  [symbol, name, kind, exchange, currency, price, percent, digits]: Seed,
  scenario: string,
): Quote {
  const previous = price / (1 + percent / 100);
  const quote: Quote = {
    symbol,
    name,
    kind,
    exchange,
    currency,
    price,
    price_digits: digits,
    change: price - previous,
    change_percent: percent,
    previous_close: previous,
    open: previous * 1.001,
    day_low: Math.min(price, previous) * 0.996,
    day_high: Math.max(price, previous) * 1.004,
    year_low: price * 0.67,
    year_high: price * 1.07,
    session: "regular",
    quoted_at: FAKE_NOW,
    received_at: FAKE_NOW,
    source: sourceOf(kind, scenario),
    state: scenario === "stale" ? "stale" : "live",
    time_zone: "America/New_York",
  };
  if (kind === "equity")
    Object.assign(quote, {
      volume: 40_900_000,
      average_volume: 51_800_000,
      market_cap: 3.67e12,
      pe_ratio: 38.82,
      dividend_yield: 0.41,
    });
  if (symbol === "VOD.L")
    Object.assign(quote, {
      quoted_in: "GBp",
      delay_minutes: 15,
      state: scenario === "stale" ? "stale" : "delayed",
      time_zone: "Europe/London",
    });
  if (symbol === "7203.T")
    Object.assign(quote, {
      session: "closed",
      state: "closed",
      time_zone: "Asia/Tokyo",
      quoted_at: "2026-11-24T06:30:00Z",
    });
  if (symbol === "MSFT") {
    Object.assign(quote, {
      session: "post",
      extended_price: price * 1.0004,
      extended_change_percent: 0.04,
      extended_at: FAKE_NOW,
    });
  }
  if (scenario === "halted" && symbol === "AAPL") {
    Object.assign(quote, { standstill: "halted", quoted_at: "2026-11-24T15:42:00Z" });
  }
  if (scenario === "delisted" && symbol === "AAPL") {
    const last = "2022-10-27T20:00:00Z";
    Object.assign(quote, { standstill: "delisted", state: "closed", session: "closed", quoted_at: last });
  }
  if (scenario === "closed") {
    const last = kind === "crypto" ? FAKE_NOW : "2026-11-24T21:00:00Z";
    Object.assign(quote, { session: "closed", state: "closed", quoted_at: last, extended_price: null });
  }
  if (scenario === "replay") quote.quoted_at = quote.quoted_at.replace("2026-11-24", "2025-02-14");
  if (quote.source === "ecb") {
    Object.assign(quote, { session: "closed", state: "closed", quoted_at: "2026-11-24T15:00:00Z", price_digits: 4 });
    for (const unknown of ["open", "day_low", "day_high", "year_low", "year_high"] as const) delete quote[unknown];
  }
  if (scenario === "hostile" && symbol === "AAPL") quote.name = `<img src=x onerror=alert(1)> ${"long ".repeat(500)}`;
  if (scenario === "hostile" && symbol === "MSFT") quote.name = "\u202eשלום evil\u202c &amp; Sons";
  return quote;
}

/** What a search or a list of the market names. */
export function instrumentOf([symbol, name, kind, exchange]: Seed): Instrument {
  return { symbol, name, kind, exchange };
}

/** A day or half a year up to the price, with waves. */
export function historyOf(quote: Quote, range: Range, scenario: string): History {
  const { symbol } = quote;
  const [start, step] =
    range === "1d" ? [Date.parse("2026-11-24T09:00:00Z"), 300] : [Date.parse("2026-05-24T14:30:00Z"), 86_400];
  const count = range !== "1d" ? 130 : quote.session === "post" ? 170 : 128;
  const from = quote.previous_close ?? quote.price;
  const bars: Bar[] = Array.from({ length: count }, (_, i) => {
    const share = i / (count - 1);
    const wave = Math.sin(i / 7 + symbol.length) * 0.003 + Math.sin(i / 2.3) * 0.0012;
    const close = i === count - 1 ? quote.price : (from + (quote.price - from) * share) * (1 + wave * (1 - share));
    const at = new Date(start + i * step * 1000).toISOString();
    const open = close * (1 + Math.sin(i * 1.7) * 0.0009);
    const reach = close * 0.0006 * (1 + Math.abs(Math.sin(i * 2.9)));
    const [high, low] = [Math.max(open, close) + reach, Math.min(open, close) - reach];
    return { at, open, high, low, close, volume: 2e5 + 1e5 * Math.abs(Math.sin(i)) };
  });
  const history: History = {
    symbol,
    range,
    interval: range === "1d" ? "5m" : "1d",
    source: quote.source,
    bars,
    time_zone: "America/New_York",
    previous_close: from,
  };
  if (scenario === "young" && range !== "max") history.bars = range === "5y" ? [] : bars.slice(-40);
  if (scenario === "kept") history.fetched_at = "2026-11-24T19:02:00Z";
  if (range === "1d" && quote.kind === "equity")
    history.regular_hours = { start: "2026-11-24T14:30:00.000Z", end: "2026-11-24T21:00:00.000Z" };
  return history;
}

/** When regular trading begins or ends next. */
export function hoursOf({ symbol, session, time_zone, kind }: Quote): MarketHours {
  const bell =
    kind === "crypto"
      ? {}
      : session === "regular"
        ? { closes_at: "2026-11-24T21:00:00Z" }
        : { opens_at: session === "closed" ? "2026-11-25T00:00:00Z" : "2026-11-25T14:30:00Z" };
  return { symbol, session, ...bell, time_zone: time_zone ?? null, told_by: "provider" };
}

/** How the providers are. */
export function healthOf(scenario: string): ProviderHealth[] {
  const next_try = new Date(Date.now() + 12_000).toISOString();
  const since = FAKE_NOW;
  const down: ProviderHealth = {
    name: "yahoo",
    state: "down",
    reason: "Yahoo Finance does not answer (timed out)",
    code: "unreachable",
    since,
    next_try,
  };
  const up = (name: string): ProviderHealth => ({ name, state: "up", since });
  const off = (name: string): ProviderHealth => ({ name, state: "off", since });
  const noKey: ProviderHealth = {
    ...off("finnhub"),
    reason: "Finnhub needs a key, and none is set",
    code: "key_missing",
  };
  switch (scenario) {
    case "stale":
    case "simulated":
      return [down];
    case "replay":
      return [up("replay")];
    case "fallback":
      return [up("coinbase"), off("binance"), down, up("finnhub"), up("ecb")];
    case "key": {
      const reason = "Finnhub did not accept the key (HTTP 401)";
      return [up("yahoo"), { name: "finnhub", state: "down", reason, code: "key_rejected", since }, off("ecb")];
    }
    case "providers": {
      const reason = "Coinbase asked us to slow down";
      return [
        { name: "coinbase", state: "degraded", reason, code: "rate_limited", since, next_try },
        down,
        noKey,
        off("ecb"),
        off("binance"),
      ];
    }
    default:
      return [up("yahoo"), noKey];
  }
}
