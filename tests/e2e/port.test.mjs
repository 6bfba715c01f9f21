/** The port that another program has: the window says so, and moves to the one it offers. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { Desktop } from "./support/desktop.mjs";
import { Listener } from "./support/mqtt.mjs";
import { until } from "./support/until.mjs";
import { Window } from "./support/window.mjs";

/** @type {Desktop} */ let desktop;
/** @type {Window} */ let window;
const other = createServer();

before(async () => {
  await new Promise((listening) => other.listen(0, "127.0.0.1", listening));
  desktop = await Desktop.started();
  const env = { QUICKSTOCKS_BROKER__LISTEN: `127.0.0.1:${other.address().port}` };
  window = await Window.opened(desktop, { args: ["--feed", "simulated"], env });
});
after(async () => {
  await window?.close();
  await desktop?.stop();
  other.close();
});

test("a taken port is told, and a click listens on the free one", async () => {
  const { page } = window;
  await page.click("first-run-start");
  const button = await page.element("use-port");
  const port = Number((await button.getText()).match(/\d+/)[0]);
  assert.notEqual(port, other.address().port);
  await button.click();
  await until("the banner is gone", async () => !(await page.has("use-port")));
  assert.deepEqual(await window.mqtt(), { host: "127.0.0.1", port });
  const reader = await Listener.to({ host: "127.0.0.1", port }, "quickstocks/v1/quote/#");
  await until("a quote on that port", () => reader.heard.size > 0);
  await reader.close();
});
