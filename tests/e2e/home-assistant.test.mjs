/** What is followed is announced to Home Assistant on a broker that was there before: Debian's mosquitto. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Daemon } from "./support/daemon.mjs";
import { Listener } from "./support/mqtt.mjs";
import { Process, scratch } from "./support/process.mjs";
import { until } from "./support/until.mjs";

const announcement = (symbol) => `homeassistant/sensor/quickstocks_${symbol}/config`;
/** @type {Process} */ let mosquitto;
/** @type {Daemon} */ let daemon;
/** @type {Listener} */ let home;
/** The latest of a topic; `undefined` before there is any. */
const latest = (topic) => home.heard.get(topic)?.at(-1);

before(async () => {
  const elsewhere = { host: "127.0.0.1", port: await freePort() };
  const config = join(scratch(), "mosquitto.conf");
  writeFileSync(config, `listener ${elsewhere.port} ${elsewhere.host}\nallow_anonymous true\n`);
  mosquitto = new Process("/usr/sbin/mosquitto", ["-c", config]);
  home = await until("mosquitto", () => Listener.to(elsewhere, ["homeassistant/#", "quickstocks/v1/#"]).catch(() => undefined));
  daemon = await Daemon.started({ elsewhere, homeAssistant: true, symbols: ["TSLA"] });
});
after(async () => {
  await daemon?.stop();
  await home?.close();
  await mosquitto?.stop();
});

/** A port that nobody has now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

test("what is followed is there, and what a sensor needs", async () => {
  for (const symbol of ["AAPL", "TSLA"]) {
    const sensor = JSON.parse(await until(`a sensor for ${symbol}`, () => latest(announcement(symbol)), { within: 20_000 }));
    assert.equal(sensor.state_class, "measurement");
    assert.equal(sensor.unit_of_measurement, "USD");
    const price = await until("its price", () => latest(sensor.state_topic), { within: 20_000 });
    assert.ok(Number(price) > 0, price);
    for (const { topic } of sensor.availability) {
      assert.equal(JSON.parse(await until(topic, () => latest(topic))).state, "online", topic);
    }
  }
});

test("whoever comes later finds it kept", async () => {
  const late = await Listener.to(daemon.mqtt, announcement("AAPL"));
  await until("what is kept", () => late.messages.some(({ retained }) => retained));
  await late.close();
});

test("at its birth message everything is announced again", async () => {
  const times = () => home.heard.get(announcement("AAPL")).length;
  const before = times();
  await home.client.publishAsync("homeassistant/status", "online");
  await until("once more", () => times() > before, { within: 20_000 });
});

test("what nobody follows any more is taken back", async () => {
  const { status } = await daemon.call("DELETE", "/users/me/watchlists/default/symbols/AAPL");
  assert.ok(status < 300, `status ${status}`);
  // Alerts and lists of the user named it alone.
  await until("an empty message", () => latest(announcement("AAPL")) === "", { within: 60_000 });
  assert.notEqual(latest(announcement("TSLA")), "");
});

test("what it shows is unavailable when the program has ended", async () => {
  const sensor = JSON.parse(latest(announcement("TSLA")));
  await daemon.stop();
  const states = () => sensor.availability.map(({ topic }) => JSON.parse(latest(topic)).state);
  await until("offline", () => states().includes("offline"), { within: 20_000 });
});
