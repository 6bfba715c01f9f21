/** The four ways in, opened while the daemon runs: mqtt.js and Debian's mosquitto over TCP, TLS, WebSocket and both. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Daemon } from "./support/daemon.mjs";
import { listening } from "./support/listening.mjs";
import { Listener } from "./support/mqtt.mjs";

const ALL = "quickstocks/v1/quote/#";
/** @type {Daemon} */
let daemon;
const at = {};

before(async () => {
  daemon = await Daemon.started();
  const more = ["tls_listen", "websocket_listen", "wss_listen"].map((key) => `${key} = "127.0.0.1:0"`).join("\n");
  writeFileSync(daemon.config, readFileSync(daemon.config, "utf8").replace("[broker]", `[broker]\n${more}`));
  daemon.process.child.kill("SIGHUP");
  for (const service of ["mqtt", "mqtts", "ws", "wss"]) at[service] = await listening(daemon.process, service);
});
after(() => daemon?.stop());

for (const protocol of ["mqtt", "mqtts", "ws", "wss"]) {
  for (const protocolVersion of [4, 5]) {
    test(`mqtt.js reads prices over ${protocol}, version ${protocolVersion}`, async () => {
      const ca = ["mqtts", "wss"].includes(protocol) ? readFileSync(join(daemon.data, "mqtt-cert.pem")) : undefined;
      const reader = await Listener.to(at[protocol], ALL, {
        protocol,
        protocolVersion,
        path: "/mqtt",
        ca,
        rejectUnauthorized: true,
      });
      await reader.quoteWhere("AAPL", (quote) => quote.price > 0);
      await reader.close();
    });
  }
}

test("mosquitto_sub trusts the certificate that was made, and no stranger is let in with it", async () => {
  const { host, port } = at.mqtts;
  const certificate = join(daemon.data, "mqtt-cert.pem");
  const reading = spawn("mosquitto_sub", [
    "--cafile",
    certificate,
    "-h",
    host,
    "-p",
    String(port),
    "-t",
    ALL,
    "-C",
    "1",
    "-W",
    "10",
  ]);
  assert.equal(await new Promise((resolve) => reading.on("close", resolve)), 0);
  await assert.rejects(Listener.to(at.mqtts, ALL, { protocol: "mqtts", rejectUnauthorized: true }));
});
