/**
 * A stand-in for Yahoo as a process of its own, cheap enough to be asked for thousands of symbols a second: rows are written
 * once, only what moves is put in. Prices are new in every answer, so that every quote is news. It keeps count of what it was
 * asked; `/report` tells, `/reset` forgets.
 *
 * `node busy-yahoo.mjs <symbols>` prints `listening <port>`. It knows `S00000`, `S00001`, …
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Process } from "./process.mjs";

const CRUMB = "stand/In.01";
/** As the real one: a hundred symbols in an address, and the connection is dropped. */
const SYMBOLS_MAX = 99;
const SYMBOL = /^S\d{5}$/;

/** The name of the n-th symbol. */
export function symbolAt(n) {
  return `S${String(n).padStart(5, "0")}`;
}

/** The stand-in's process, seen from a bench. */
export class BusyYahoo {
  static async started(symbols) {
    const it = new BusyYahoo();
    it.process = new Process(process.execPath, [fileURLToPath(import.meta.url), String(symbols)]);
    const [, port] = await it.process.line(/^listening (\d+)$/);
    it.url = `http://127.0.0.1:${port}`;
    return it;
  }

  /** What it was asked since it last forgot. @returns {Promise<Report>} */
  async report() {
    return (await fetch(`${this.url}/report`)).json();
  }

  async reset() {
    await fetch(`${this.url}/reset`);
  }

  stop() {
    return this.process.stop();
  }
}

/**
 * @typedef {object} Report
 * @property {Record<string, number>} requests how many, by what was asked for
 * @property {number} asked symbols that were asked for
 * @property {number} often how often the symbol was asked for that was asked for the most
 * @property {number | null} soonest the shortest time between two questions for the same symbol, in ms
 */

/** What stands in place of each value that moves, in the order of the row. */
const MOVING = ["price", "time", "change", "percent", "volume"].map((name) => `@${name}@`);

/** A row of the size and with the fields of a real one: 86 fields, 2.4 KB. */
function row(symbol, close) {
  const [price, time, change, percent, volume] = MOVING;
  return {
    language: "en-US", region: "US", quoteType: "EQUITY", typeDisp: "Equity", quoteSourceName: "Nasdaq Real Time Price", triggerable: true,
    customPriceAlertConfidence: "HIGH", shortName: `${symbol} Holdings, Inc.`, longName: `${symbol} Holdings, Incorporated`, marketState: "REGULAR",
    currency: "USD", exchange: "NMS", messageBoardId: `finmb_${symbol}`, exchangeTimezoneName: "America/New_York", exchangeTimezoneShortName: "EST",
    gmtOffSetMilliseconds: -18000000, market: "us_market", esgPopulated: false, corporateActions: [],
    regularMarketPrice: price, regularMarketTime: time, regularMarketChange: change, regularMarketChangePercent: percent, regularMarketVolume: volume,
    regularMarketDayHigh: close * 1.2, regularMarketDayRange: `${close * 0.9} - ${close * 1.2}`, regularMarketDayLow: close * 0.9,
    regularMarketPreviousClose: close, regularMarketOpen: close, bid: close - 0.25, ask: close + 0.25, bidSize: 2, askSize: 1,
    postMarketTime: 1763773199, postMarketChangePercent: 0.0163505, postMarketPrice: close + 0.04, postMarketChange: 0.0399933,
    fullExchangeName: "NasdaqGS", financialCurrency: "USD", averageDailyVolume3Month: 50443058, averageDailyVolume10Day: 45391290,
    fiftyTwoWeekLowChange: 80.520004, fiftyTwoWeekLowChangePercent: 0.49073625, fiftyTwoWeekRange: `${close * 0.7} - ${close * 1.3}`,
    fiftyTwoWeekHighChange: -15.5, fiftyTwoWeekHighChangePercent: -0.059592463, fiftyTwoWeekLow: close * 0.7, fiftyTwoWeekHigh: close * 1.3,
    fiftyTwoWeekChangePercent: 34.721302, dividendDate: 1739404800, earningsTimestamp: 1738272600, earningsTimestampStart: 1746010740,
    earningsTimestampEnd: 1746446400, earningsCallTimestampStart: 1738274400, earningsCallTimestampEnd: 1738274400, isEarningsDateEstimate: true,
    trailingAnnualDividendRate: 0.99, trailingPE: 38.763866, dividendRate: 1, trailingAnnualDividendYield: 0.00409887, dividendYield: 0.41,
    epsTrailingTwelveMonths: 6.31, epsForward: 8.31, epsCurrentYear: 7.34741, priceEpsCurrentYear: 33.29064, sharesOutstanding: 15022100480,
    bookValue: 4.438, fiftyDayAverage: 240.5066, fiftyDayAverageChange: 4.093399, fiftyDayAverageChangePercent: 0.017019903,
    twoHundredDayAverage: 222.96205, twoHundredDayAverageChange: 21.637955, twoHundredDayAverageChangePercent: 0.0970477,
    marketCap: 3674405863424, forwardPE: 29.434416, priceToBook: 55.114914, sourceInterval: 15, exchangeDataDelayedBy: 0,
    averageAnalystRating: "2.1 - Buy", hasPrePostMarketData: true, firstTradeDateMilliseconds: 345479400000, priceHint: 2, tradeable: false,
    cryptoTradeable: false, displayName: symbol, symbol,
  };
}

/** A symbol's row, written; its price goes up and down by cents around its last close. */
class Instrument {
  constructor(symbol, n) {
    this.close = 50 + (n % 400);
    this.parts = JSON.stringify(row(symbol, this.close)).split(/"@[a-z]+@"/);
    this.step = 0;
    this.times = 0;
    this.last = undefined;
    this.soonest = Infinity;
  }

  price() {
    return this.close + ((this.step % 100) - 50) / 100;
  }

  next(now) {
    this.step += 1;
    this.times += 1;
    if (this.last !== undefined) this.soonest = Math.min(this.soonest, now - this.last);
    this.last = now;
    const [change, seconds] = [this.price() - this.close, Math.floor(Date.now() / 1000)];
    const values = [this.price(), seconds, change, (change / this.close) * 100, 1_000_000 + this.step];
    return this.parts.map((part, i) => (i < values.length ? part + values[i] : part)).join("");
  }

  forget() {
    [this.times, this.last, this.soonest] = [0, undefined, Infinity];
  }
}

/** A day with one bar, which is all that a chart needs for its last price. */
function chart(symbol, { close, price }) {
  const now = Math.floor(Date.now() / 1000);
  const period = { timezone: "EST", gmtoffset: -18000, start: now - 7200, end: now + 7200 };
  const meta = {
    symbol, currency: "USD", exchangeName: "NMS", fullExchangeName: "NasdaqGS", instrumentType: "EQUITY", firstTradeDate: 345479400,
    regularMarketTime: now, hasPrePostMarketData: true, gmtoffset: -18000, timezone: "EST", exchangeTimezoneName: "America/New_York",
    regularMarketPrice: price, chartPreviousClose: close, previousClose: close, priceHint: 2, dataGranularity: "1d", range: "1d",
    currentTradingPeriod: { pre: period, regular: period, post: period }, validRanges: ["1d", "5d", "1mo", "1y", "max"],
  };
  const bar = { open: [close], high: [price + 1], low: [close - 1], close: [price], volume: [1_000_000] };
  return { chart: { result: [{ meta, timestamp: [now], indicators: { quote: [bar], adjclose: [{ adjclose: [price] }] } }], error: null } };
}

class Server {
  constructor(count) {
    this.instruments = new Map(Array.from({ length: count }, (_, n) => [symbolAt(n), new Instrument(symbolAt(n), n)]));
    this.requests = {};
    this.server = createServer((request, response) => this.#answer(request, response));
    this.server.keepAliveTimeout = 60_000;
    this.server.listen(0, "127.0.0.1", () => process.stdout.write(`listening ${this.server.address().port}\n`));
  }

  #answer(request, response) {
    const url = new URL(request.url, "http://stand.in");
    const what = url.pathname.split("/").filter((level) => level && !SYMBOL.test(level)).join("/") || "/";
    if (what === "report") return say(request, response, 200, JSON.stringify(this.#report()));
    if (what === "reset") return say(request, response, 200, JSON.stringify(this.#reset()));
    this.requests[what] = (this.requests[what] ?? 0) + 1;
    if (what.endsWith("getcrumb")) return say(request, response, 200, CRUMB, { "content-type": "text/plain" });
    if (what.endsWith("finance/quote")) return this.#quote(request, url.searchParams, response);
    if (what.endsWith("finance/chart")) return this.#chart(request, url.pathname.split("/").at(-1), response);
    const cookie = "A3=d=stand-in; Max-Age=31557600; Domain=.yahoo.com; Path=/; HttpOnly";
    return say(request, response, 404, "", { "content-type": "text/html", "set-cookie": cookie });
  }

  #quote(request, query, response) {
    const symbols = (query.get("symbols") ?? "").split(",");
    if (symbols.length > SYMBOLS_MAX) return request.socket.destroy();
    if (query.get("crumb") !== CRUMB) {
      return say(request, response, 401, '{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}');
    }
    const now = performance.now();
    const rows = symbols.map((symbol) => this.instruments.get(symbol)).filter(Boolean).map((each) => each.next(now));
    return say(request, response, 200, `{"quoteResponse":{"result":[${rows.join(",")}],"error":null}}`);
  }

  #chart(request, symbol, response) {
    const it = this.instruments.get(symbol);
    if (!it) return say(request, response, 404, '{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}');
    it.next(performance.now());
    return say(request, response, 200, JSON.stringify(chart(symbol, { close: it.close, price: it.price() })));
  }

  #report() {
    const asked = [...this.instruments.values()].filter(({ times }) => times > 0);
    const soonest = asked.reduce((least, each) => Math.min(least, each.soonest), Infinity);
    const often = asked.reduce((most, each) => Math.max(most, each.times), 0);
    return { requests: this.requests, asked: asked.length, often, soonest: Number.isFinite(soonest) ? soonest : null };
  }

  #reset() {
    this.requests = {};
    for (const each of this.instruments.values()) each.forget();
    return {};
  }
}

/** With GZIP set it compresses as the real one does; the bench measures without. */
function say(request, response, status, text, headers = {}) {
  const zipped = process.env.GZIP && /gzip/.test(request.headers["accept-encoding"] ?? "");
  const body = zipped ? gzipSync(text, { level: 1 }) : Buffer.from(text, "latin1");
  const encoding = zipped ? { "content-encoding": "gzip" } : {};
  response.writeHead(status, { "content-type": "application/json;charset=utf-8", "content-length": body.length, ...encoding, ...headers });
  response.end(body);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) new Server(Number(process.argv[2] ?? 10_000));
