/** A stand-in for Yahoo's hosts: cookie, crumb, quotes, search and chart, with prices that the test moves and ways to break. */
import { createServer } from "node:http";
import { INSTRUMENTS, row, searchHit, chart } from "./yahoo-rows.mjs";

const CRUMB = "stand/In.01";

/** @typedef {"ok" | "429" | "500" | "401" | "no crumb" | "html" | "truncated" | "silent" | "dropped"} Mode */

/** A local server that answers like Yahoo; `mode` breaks it, `prices` moves it. */
export class StandIn {
  static async started() {
    const standIn = new StandIn();
    await new Promise((resolve) => standIn.server.listen(0, "127.0.0.1", resolve));
    standIn.url = `http://127.0.0.1:${standIn.server.address().port}`;
    return standIn;
  }

  constructor() {
    /** @type {Mode} */
    this.mode = "ok";
    /** @type {Map<string, number>} */
    this.prices = new Map(INSTRUMENTS.map(({ symbol, price }) => [symbol, price]));
    /** Added to every price with each answer, but for those that stand still. */
    this.step = 0;
    /** @type {Set<string>} */
    this.still = new Set();
    /** What was asked: path and parameters, newest last. @type {{path: string, query: URLSearchParams, at: number}[]} */
    this.asked = [];
    /** When each quote answer had left us, in ms since 1970, with its prices; newest last. */
    this.answered = [];
    this.server = createServer((request, response) => this.#answer(new URL(request.url, "http://stand.in"), response));
  }

  /** How often a part of the interface was asked for. */
  count(part) {
    return this.asked.filter(({ path }) => path.includes(part)).length;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #answer(url, response) {
    this.asked.push({ path: url.pathname, query: url.searchParams, at: performance.now() });
    if (this.mode === "silent") return;
    if (this.mode === "dropped") return response.socket.destroy();
    if (this.mode === "429") return say(response, 429, "Too Many Requests\r\n", "text/plain");
    if (this.mode === "500") return say(response, 500, "<!doctype html><title>Yahoo! - Error report</title>", "text/html");
    if (this.mode === "401" && url.pathname.includes("/finance/")) return refuse(response, "User is unable to access this feature");
    if (url.pathname.endsWith("/getcrumb")) return this.mode === "no crumb" ? refuse(response, "Invalid Cookie") : say(response, 200, CRUMB, "text/plain");
    if (!url.pathname.includes("/finance/")) return say(response, 404, "", "text/html", { "set-cookie": "A3=d=stand-in; Path=/; HttpOnly" });
    if (this.mode === "html") return say(response, 200, "<!doctype html><body>Before you continue</body>", "text/html");
    if (url.pathname.includes("/finance/quote")) return this.#quote(url.searchParams, response);
    if (url.pathname.includes("/finance/search")) return this.#search(url.searchParams, response);
    if (url.pathname.includes("/finance/chart/")) return this.#chart(decodeURIComponent(url.pathname.split("/").at(-1)), response);
    return say(response, 404, JSON.stringify({ finance: { result: null, error: { code: "Not Found", description: "HTTP 404 Not Found" } } }));
  }

  #quote(query, response) {
    if (query.get("crumb") !== CRUMB) return refuse(response, "Invalid Crumb");
    const symbols = (query.get("symbols") ?? "").split(",").filter((symbol) => this.prices.has(symbol));
    if (this.step) for (const symbol of symbols) if (!this.still.has(symbol)) this.prices.set(symbol, round(this.prices.get(symbol) + this.step));
    const result = symbols.map((symbol) => row(symbol, this.prices.get(symbol)));
    const body = JSON.stringify({ quoteResponse: { result, error: null } });
    response.on("finish", () => this.answered.push({ at: performance.timeOrigin + performance.now(), prices: Object.fromEntries(result.map((each) => [each.symbol, each.regularMarketPrice])) }));
    return say(response, 200, this.mode === "truncated" ? body.slice(0, body.length / 2) : body);
  }

  #search(query, response) {
    const text = (query.get("q") ?? "").toLowerCase();
    const quotes = INSTRUMENTS.filter(({ symbol, name }) => `${symbol} ${name}`.toLowerCase().includes(text)).map(searchHit);
    return say(response, 200, JSON.stringify({ explains: [], count: quotes.length, quotes, news: [] }));
  }

  #chart(symbol, response) {
    if (this.prices.has(symbol)) return say(response, 200, JSON.stringify(chart(symbol, this.prices.get(symbol))));
    return say(response, 404, JSON.stringify({ chart: { result: null, error: { code: "Not Found", description: "No data found, symbol may be delisted" } } }));
  }
}

const round = (price) => Math.round(price * 1e6) / 1e6;

function refuse(response, description) {
  return say(response, 401, JSON.stringify({ finance: { result: null, error: { code: "Unauthorized", description } } }));
}

function say(response, status, body, type = "application/json;charset=utf-8", headers = {}) {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}
