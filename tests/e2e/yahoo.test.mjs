/** `quickstocksd` against a local server that answers like Yahoo: right quotes, and no bad one when it breaks. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Daemon } from "./support/daemon.mjs";
import { Listener } from "./support/mqtt.mjs";
import { StandIn } from "./support/yahoo.mjs";
import { stays, until } from "./support/until.mjs";

/** @type {StandIn} */ let yahoo;
/** @type {Daemon} */ let daemon;

before(async () => {
  yahoo = await StandIn.started();
  daemon = await Daemon.started({ yahoo, symbols: ["VOD.L", "BRK-B"] });
});
after(async () => {
  await daemon?.stop();
  await yahoo?.stop();
});

for (const protocolVersion of [4, 5]) {
  test(`quotes arrive as Yahoo reports them (MQTT ${protocolVersion === 4 ? "3.1.1" : "5"})`, async () => {
    const reader = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/#", { protocolVersion });
    const apple = await reader.quoteWhere("AAPL", (quote) => quote.price > 0);
    assert.equal(apple.name, "Apple Inc.");
    assert.equal(apple.kind, "equity");
    assert.equal(apple.currency, "USD");
    assert.equal(apple.source, "yahoo");
    assert.equal(apple.session, "regular");
    assert.equal(apple.previous_close, 240);
    assert.equal(apple.price, yahoo.prices.get("AAPL"));
    assert.ok(Math.abs(apple.change - (apple.price - 240)) < 1e-9);
    assert.ok(Date.now() - Date.parse(apple.received_at) < 60_000);
    for (const [name, value] of Object.entries(apple)) assert.notEqual(value, null, `${name} is null`);

    const vodafone = await reader.quoteWhere("VOD.L", (quote) => quote.price > 0);
    assert.deepEqual([vodafone.price, vodafone.currency, vodafone.quoted_in], [0.705, "GBP", "GBp"], "pence are pounds");
    assert.equal((await reader.quoteWhere("BTC-USD", (quote) => quote.price > 0)).kind, "crypto");
    await reader.close();
  });
}

test("a price that moves is heard within the poll interval", async () => {
  const reader = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/MSFT");
  for (const price of [411, 412.5, 409.75]) {
    yahoo.prices.set("MSFT", price);
    await reader.quoteWhere("MSFT", (quote) => quote.price === price);
  }
  await reader.close();
});

test("requests are batched, never one a symbol", () => {
  const quotes = yahoo.asked.filter(({ path }) => path.endsWith("/finance/quote"));
  assert.ok(quotes.some(({ query }) => query.get("symbols").split(",").length >= 6), "no request carried all symbols");
});

test("search and history speak for the same provider", async () => {
  const { body: found } = await daemon.call("GET", "/search?q=tesla");
  assert.equal(found[0]?.symbol, "TSLA");
  const { status, body } = await daemon.call("GET", "/history/AAPL?range=1d");
  assert.equal(status, 200);
  assert.equal(body.symbol, "AAPL");
  assert.ok(body.bars.length > 10);
});

test("an unknown symbol is 404, in the problem format", async () => {
  const { status, body } = await daemon.call("GET", "/quotes/NOSUCHTHING");
  assert.equal(status, 404);
  assert.ok(body.title || body.detail, JSON.stringify(body));
});

test("without a crumb, prices go on by the way that needs none", async () => {
  const keyless = await StandIn.started();
  keyless.mode = "no crumb";
  const own = await Daemon.started({ yahoo: keyless });
  const reader = await Listener.to(own.mqtt, "quickstocks/v1/quote/#");
  try {
    assert.equal((await reader.quoteWhere("AAPL", (quote) => quote.price === 240, 30_000)).source, "yahoo");
  } finally {
    await reader.close();
    await own.stop();
    await keyless.stop();
  }
});

// Side by side, because a provider that was refused rests for a minute before it is asked again.
describe("when Yahoo breaks", { concurrency: true }, () => {
  for (const mode of ["truncated", "html", "401", "500", "429"]) {
    test(`${mode}: the last price stays, its state tells, no storm, and it recovers`, () => breaks(mode));
  }
});

async function breaks(mode) {
  const broken = await StandIn.started();
  const own = await Daemon.started({ yahoo: broken });
  const reader = await Listener.to(own.mqtt, ["quickstocks/v1/quote/AAPL", "quickstocks/v1/provider/#"]);
  try {
    await reader.quoteWhere("AAPL", (quote) => quote.price === 240 && quote.state === "live");
    broken.mode = mode;
    broken.prices.set("AAPL", 1);
    const asked = broken.asked.length;
    const told = () => reader.latest("quickstocks/v1/provider/yahoo");
    await until("the provider is not up any more", () => told()?.state && told().state !== "up", { within: 30_000 });
    assert.ok(told().reason, `a reason is given: ${JSON.stringify(told())}`);
    await stays("no bad price", () => reader.quote("AAPL").price === 240, 1500);
    assert.ok(broken.asked.length - asked < 60, `${broken.asked.length - asked} requests in a few seconds`);
    await reader.quoteWhere("AAPL", (quote) => quote.state === "stale", 60_000);
    assert.equal(reader.quote("AAPL").price, 240);
    broken.mode = "ok";
    broken.prices.set("AAPL", 241);
    await reader.quoteWhere("AAPL", (quote) => quote.price === 241 && quote.state === "live", 120_000);
  } finally {
    await reader.close();
    await own.stop();
    await broken.stop();
  }
}
