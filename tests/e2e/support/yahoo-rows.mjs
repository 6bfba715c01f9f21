/** What the stand-in for Yahoo knows: made-up prices of a few instruments in the shapes that Yahoo answers with. */

const EQUITY = { type: "EQUITY", currency: "USD", exchange: "NMS", place: "NasdaqGS", zone: "America/New_York", hint: 2 };

/** Symbol, name, yesterday's close (here also the first price) and what kind of thing it is. */
export const INSTRUMENTS = [
  { ...EQUITY, symbol: "AAPL", name: "Apple Inc.", price: 240 },
  { ...EQUITY, symbol: "MSFT", name: "Microsoft Corporation", price: 410 },
  { ...EQUITY, symbol: "NVDA", name: "NVIDIA Corporation", price: 130 },
  { ...EQUITY, symbol: "TSLA", name: "Tesla, Inc.", price: 350 },
  { ...EQUITY, symbol: "NFLX", name: "Netflix, Inc.", price: 1000 },
  { ...EQUITY, symbol: "BRK-B", name: "Berkshire Hathaway Inc. New", price: 480, exchange: "NYQ", place: "NYSE" },
  { ...EQUITY, symbol: "VOD.L", name: "Vodafone Group Plc", price: 70.5, currency: "GBp", exchange: "LSE", place: "LSE", zone: "Europe/London" },
  { ...EQUITY, symbol: "^GSPC", name: "S&P 500", price: 6100, type: "INDEX", exchange: "SNP", place: "SNP" },
  { ...EQUITY, symbol: "BTC-USD", name: "Bitcoin USD", price: 97500, type: "CRYPTOCURRENCY", exchange: "CCC", place: "CCC", zone: "UTC" },
  { ...EQUITY, symbol: "EURUSD=X", name: "EUR/USD", price: 1.0493, type: "CURRENCY", exchange: "CCY", place: "CCY", zone: "Europe/London", hint: 4 },
];

const known = (wanted) => INSTRUMENTS.find(({ symbol }) => symbol === wanted);

/** One row of `/v7/finance/quote`, its market open and its last trade just now. */
export function row(symbol, price) {
  const { name, type, currency, exchange, place, zone, hint, price: before } = known(symbol);
  return {
    language: "en-US", region: "US", quoteType: type, typeDisp: type.toLowerCase(), symbol, shortName: name, longName: name, currency,
    exchange, fullExchangeName: place, exchangeTimezoneName: zone, market: "us_market", marketState: "REGULAR", priceHint: hint,
    exchangeDataDelayedBy: 0, sourceInterval: 15, tradeable: false, triggerable: true, hasPrePostMarketData: type === "EQUITY",
    regularMarketPrice: price, regularMarketTime: Math.floor(Date.now() / 1000), regularMarketPreviousClose: before,
    regularMarketChange: price - before, regularMarketChangePercent: (price / before - 1) * 100,
    regularMarketOpen: before, regularMarketDayLow: Math.min(price, before), regularMarketDayHigh: Math.max(price, before),
    regularMarketVolume: 1_234_567, fiftyTwoWeekLow: before * 0.7, fiftyTwoWeekHigh: before * 1.3,
    ...(type === "EQUITY" ? { marketCap: before * 1e9, trailingPE: 28.4 } : {}),
  };
}

/** One row of `/v1/finance/search`. */
export function searchHit({ symbol, name, type, exchange, place }) {
  return {
    symbol, shortname: name, longname: name, quoteType: type, typeDisp: type.toLowerCase(), exchange, exchDisp: place,
    index: "quotes", score: 20_000, isYahooFinance: true,
  };
}

/** A day of five-minute bars, `/v8/finance/chart`. */
export function chart(symbol, price) {
  const { name, type, currency, exchange, place, zone, hint, price: before } = known(symbol);
  const now = Math.floor(Date.now() / 1000);
  const timestamp = Array.from({ length: 24 }, (_, i) => now - (23 - i) * 300);
  const close = timestamp.map((_, i) => before + ((price - before) * (i + 1)) / 24);
  const open = close.map((_, i) => close[i - 1] ?? before);
  const bars = {
    open, close, high: close.map((each, i) => Math.max(each, open[i])), low: close.map((each, i) => Math.min(each, open[i])),
    volume: timestamp.map(() => 1000),
  };
  const period = { timezone: "UTC", gmtoffset: 0, start: now - 7200, end: now + 7200 };
  const meta = {
    symbol, currency, exchangeName: exchange, fullExchangeName: place, instrumentType: type, longName: name, shortName: name,
    exchangeTimezoneName: zone, timezone: "UTC", gmtoffset: 0, priceHint: hint, regularMarketPrice: price, regularMarketTime: now,
    chartPreviousClose: before, previousClose: before, dataGranularity: "5m", range: "1d",
    currentTradingPeriod: { pre: { ...period, end: period.start }, regular: period, post: { ...period, start: period.end } },
  };
  return { chart: { result: [{ meta, timestamp, indicators: { quote: [bars] } }], error: null } };
}
