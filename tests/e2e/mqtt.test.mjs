/** Any MQTT client reads the quotes, and none can change them: Debian's mosquitto clients against a simulated market. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { Daemon } from "./support/daemon.mjs";
import { Listener, quoteTopic } from "./support/mqtt.mjs";
import { stays, until } from "./support/until.mjs";

const FOLLOWED = ["AAPL", "MSFT", "NVDA", "^GSPC", "BTC-USD", "EURUSD=X"];
/** @type {Daemon} */
let daemon;

before(async () => {
  daemon = await Daemon.started({ symbols: ["TSLA"] });
});
after(() => daemon?.stop());

function mosquitto(program, ...args) {
  const { host, port } = daemon.mqtt;
  return spawnSync(program, ["-h", host, "-p", String(port), ...args], { encoding: "utf8", timeout: 20_000 });
}

/** Topic → payload of what mosquitto_sub prints within some seconds, or of its first `count` messages. */
function subscribed(filter, count, ...args) {
  const { stdout } = mosquitto("mosquitto_sub", "-t", filter, "-C", String(count), "-W", "5", "-F", "%t %p", ...args);
  return new Map(stdout.split("\n").filter(Boolean).map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
}

test("a new subscriber gets every followed symbol at once", async () => {
  const all = [...FOLLOWED, "TSLA"];
  const watcher = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/#");
  for (const symbol of all) await watcher.quoteWhere(symbol, (quote) => quote.price > 0);
  await watcher.close();

  const got = mosquitto("mosquitto_sub", "-t", "quickstocks/v1/quote/#", "--retained-only", "-W", "2", "-F", "%t %p").stdout.split("\n").filter(Boolean);
  const topics = new Set(got.map((line) => line.split(" ")[0]));
  assert.deepEqual([...topics].sort(), all.map(quoteTopic).sort());
});

for (const version of ["311", "5"]) {
  test(`a publish changes nothing (MQTT ${version})`, async () => {
    const watcher = await Listener.to(daemon.mqtt, ["quickstocks/v1/quote/#", "quickstocks/v1/price/#", "other/#"]);
    for (const qos of ["0", "1", "2"]) {
      const forged = JSON.stringify({ symbol: "AAPL", price: 1 });
      mosquitto("mosquitto_pub", "-V", version, "-q", qos, "-r", "-t", quoteTopic("AAPL"), "-m", forged);
      mosquitto("mosquitto_pub", "-V", version, "-q", qos, "-r", "-t", "quickstocks/v1/price/AAPL", "-m", "1");
      mosquitto("mosquitto_pub", "-V", version, "-q", qos, "-r", "-t", "other/topic", "-m", "1");
    }
    await stays("no forged price arrives", () => watcher.messages.every(({ topic, payload }) => payload !== "1" && (!topic.includes("quote") || JSON.parse(payload).price !== 1)), 1000);
    await watcher.close();
    assert.notEqual(subscribed("quickstocks/v1/price/AAPL", 1).get("quickstocks/v1/price/AAPL"), "1");
  });
}

test("subscribing is following, and price/ is plain text", async () => {
  const anything = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/#");
  await stays("nobody follows NFLX yet", () => !anything.quote("NFLX"), 500);
  const follower = await Listener.to(daemon.mqtt, "quickstocks/v1/price/NFLX");
  const quote = await anything.quoteWhere("NFLX", (each) => each.price > 0, 20_000);
  assert.equal(quote.source, "simulated");
  const text = subscribed("quickstocks/v1/price/NFLX", 1).get("quickstocks/v1/price/NFLX");
  assert.match(text, /^\d+(\.\d+)?$/);
  await Promise.all([follower.close(), anything.close()]);
});

test("a user's own topics are for that user only, and are retained", async () => {
  assert.equal(subscribed("quickstocks/v1/user/me/#", 1).size, 0, "an anonymous client reads nothing of a user");
  const login = ["-u", "me", "-P", daemon.token];
  const lists = subscribed("quickstocks/v1/user/me/watchlists", 1, ...login).get("quickstocks/v1/user/me/watchlists");
  assert.deepEqual(JSON.parse(lists).watchlists, [{ name: "default", symbols: FOLLOWED }]);
  const own = subscribed("quickstocks/v1/user/me/quote/#", 6, ...login);
  assert.ok(own.has("quickstocks/v1/user/me/quote/AAPL"), `own quotes: ${[...own.keys()]}`);
  assert.notEqual(mosquitto("mosquitto_sub", "-t", "#", "-C", "1", "-W", "2", "-u", "me", "-P", "wrong").status, 0);
});

test("an edit over REST reaches the user's retained lists", async () => {
  const mine = await Listener.to(daemon.mqtt, "quickstocks/v1/user/me/watchlists", { username: "me", password: daemon.token });
  const { status } = await daemon.call("PUT", "/users/me/watchlists/default/symbols/GOOG");
  assert.ok(status === 200 || status === 201 || status === 204, `status ${status}`);
  const now = subscribed("quickstocks/v1/user/me/watchlists", 1, "-u", "me", "-P", daemon.token).get("quickstocks/v1/user/me/watchlists");
  assert.ok(JSON.parse(now).watchlists[0].symbols.includes("GOOG"));
  await mine.close();
});

test("an alert that fires while its user's client is away is there when it is back", async () => {
  const topic = "quickstocks/v1/user/me/alert";
  const phone = (...args) => mosquitto("mosquitto_sub", "-c", "-i", "phone", "-q", "1", "-u", "me", "-P", daemon.token, "-t", topic, ...args);
  phone("-E");
  const desk = await Listener.to(daemon.mqtt, topic, { username: "me", password: daemon.token });
  // Whichever way the price goes first.
  const { body: quote } = await daemon.call("GET", "/quotes/TSLA");
  for (const [kind, value] of [["above", quote.price * 1.0005], ["below", quote.price * 0.9995]]) {
    const alert = { symbol: "TSLA", condition: { kind, value }, repeat: false, extended_hours: true, enabled: true };
    const { status, body } = await daemon.call("POST", "/users/me/alerts", alert);
    assert.ok(status === 200 || status === 201, `status ${status}: ${JSON.stringify(body)}`);
  }
  const [fired] = await until("an alert fires", () => desk.messages.length > 0 && desk.messages, { within: 60_000 });
  await desk.close();
  const { stdout } = phone("-C", "1", "-W", "10");
  assert.equal(stdout.trim(), fired.payload);
});

test("garbage ends its own session and nobody else's", async () => {
  const watcher = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/#");
  const { connect } = await import("node:net");
  await Promise.all(
    [Buffer.from("GET / HTTP/1.1\r\n\r\n"), Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff]), Buffer.alloc(4096, 0xee)].map(
      (bytes) => new Promise((resolve) => {
        const socket = connect(daemon.mqtt, () => socket.write(bytes));
        socket.on("close", resolve).on("error", () => {});
        socket.resume();
      }),
    ),
  );
  const seen = watcher.messages.length;
  await watcher.quoteWhere("AAPL", () => watcher.messages.length > seen);
  await watcher.close();
});
