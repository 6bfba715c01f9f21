/**
 * Reads the latest quotes once with yahoo-finance2, from a stand-in: `node yahoo-finance2-once.cjs <folder> <stand-in> <symbols>`.
 * The library's own code asks Yahoo's addresses; only `fetch` below it is wrapped, and sends each to the stand-in.
 */
const { createRequire } = require("node:module");
const { join } = require("node:path");

const [folder, standIn, count] = process.argv.slice(2);
/** Yahoo drops the connection from a hundred symbols on. */
const SYMBOLS_MAX = 99;

const wire = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const { pathname, search } = new URL(input.url ?? input);
  return wire(standIn + pathname + search, init);
};

async function main() {
  const inFolder = createRequire(join(folder, "index.js"));
  const YahooFinance = inFolder("yahoo-finance2").default;
  const yahoo = new YahooFinance({ versionCheck: false, suppressNotices: ["yahooSurvey"] });
  const symbols = Array.from({ length: Number(count) }, (_, n) => `S${String(n).padStart(5, "0")}`);
  const batches = Array.from({ length: Math.ceil(symbols.length / SYMBOLS_MAX) }, (_, i) => symbols.slice(i * SYMBOLS_MAX, (i + 1) * SYMBOLS_MAX));
  const quotes = (await Promise.all(batches.map((batch) => yahoo.quote(batch)))).flat();
  const prices = quotes.filter(({ regularMarketPrice }) => regularMarketPrice > 0).length;
  const { user, system } = process.cpuUsage();
  const { version } = JSON.parse(require("node:fs").readFileSync(join(folder, "node_modules/yahoo-finance2/package.json"), "utf8"));
  process.stdout.write(`${JSON.stringify({ version, prices, cpu: (user + system) / 1e6 })}\n`);
}

main();
