/**
 * The web page as an installed app: its manifest, and an alert that goes through a push service of our own to the service
 * worker and is shown while nobody looks. Google's push service is not reached from here, so the page's subscription is a
 * stand-in with real keys; encryption, delivery, worker and notification are the real ones.
 */
import assert from "node:assert/strict";
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Browser } from "./support/browser.mjs";
import { Daemon } from "./support/daemon.mjs";
import { until } from "./support/until.mjs";
import { StandIn } from "./support/yahoo.mjs";

/** @type {Daemon} */ let daemon;
/** @type {Browser} */ let browser;
/** @type {StandIn} */ let yahoo;
/** @type {PushService} */ let service;

/** A push service that keeps what it is sent, and the keys of the one browser that it serves. */
class PushService {
  asked = [];
  answer = 201;
  key = createECDH("prime256v1");
  auth = randomBytes(16);

  static async started() {
    const service = new PushService();
    service.key.generateKeys();
    service.server = createServer((request, response) => {
      const pieces = [];
      request.on("data", (piece) => pieces.push(piece));
      request.on("end", () => {
        service.asked.push({ headers: request.headers, body: Buffer.concat(pieces) });
        response.writeHead(service.answer).end();
      });
    });
    await new Promise((resolve) => service.server.listen(0, "127.0.0.1", resolve));
    service.endpoint = `http://127.0.0.1:${service.server.address().port}/push/of-this-browser`;
    return service;
  }

  get subscription() {
    const keys = { p256dh: this.key.getPublicKey("base64url"), auth: this.auth.toString("base64url") };
    return { endpoint: this.endpoint, expirationTime: null, keys };
  }

  /** What the browser makes of it (RFC 8291, RFC 8188). */
  opened(body) {
    const [salt, sender] = [body.subarray(0, 16), body.subarray(21, 21 + body[20])];
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.key.getPublicKey(), sender]);
    const secret = Buffer.from(hkdfSync("sha256", this.key.computeSecret(sender), this.auth, info, 32));
    const derived = (name, length) => Buffer.from(hkdfSync("sha256", secret, salt, `Content-Encoding: ${name}\0`, length));
    const opening = createDecipheriv("aes-128-gcm", derived("aes128gcm", 16), derived("nonce", 12));
    opening.setAuthTag(body.subarray(-16));
    const text = Buffer.concat([opening.update(body.subarray(21 + body[20], -16)), opening.final()]);
    return text.subarray(0, text.lastIndexOf(2)).toString();
  }
}

before(async () => {
  yahoo = await StandIn.started();
  yahoo.prices.set("AAPL", 240);
  service = await PushService.started();
  daemon = await Daemon.started({ yahoo, extra: '[destinations]\nprivate_hosts = ["127.0.0.1"]\n' });
  browser = await Browser.opened();
  await cdp("Browser.grantPermissions", { permissions: ["notifications"], origin: daemon.origin });
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
  await yahoo?.stop();
  service?.server.close();
});

const cdp = (method, params = {}) => browser.driver.sendAndGetDevToolsCommand(method, params);
const quote = async () => (await daemon.call("GET", "/quotes/AAPL")).body.price;
const shown = () =>
  browser.driver.executeAsyncScript(`const done = arguments[arguments.length - 1];
    navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => done(all.map(({ title, body, tag, data }) => ({ title, body, tag, data }))));`);

/** Hands the worker a push as the browser would; what it shows. DevTools drops one now and then, so it is handed over again. */
async function delivered(data, isIt) {
  await cdp("ServiceWorker.enable");
  return until("it is shown", async () => {
    await cdp("ServiceWorker.deliverPushMessage", { origin: daemon.origin, registrationId: "0", data });
    return (await shown()).find(isIt);
  });
}

test("the page can be installed", async () => {
  const page = await browser.visit(await daemon.loginLink());
  if (await until("the page has settled", async () => ((await page.has("first-run")) ? "first" : (await page.has("row")) && "rows")) === "first") await page.click("first-run-start");
  await page.element("row", "AAPL");
  const { errors } = await cdp("Page.getAppManifest");
  assert.deepEqual(errors, []);
  assert.deepEqual((await cdp("Page.getInstallabilityErrors")).installabilityErrors, []);
  for (const path of ["/sw.js", "/manifest.webmanifest"]) {
    const answer = await fetch(daemon.origin + path);
    assert.deepEqual([answer.status, answer.headers.get("cache-control")], [200, "no-cache"], path);
  }
});

test("it is turned on in the settings, and the server is told", async () => {
  const { page } = browser;
  await page.run(
    `let held = null;
     const of = (json) => ({ ...json, toJSON: () => json, unsubscribe: async () => ((held = null), true) });
     PushManager.prototype.getSubscription = async () => held;
     PushManager.prototype.subscribe = async (asked) => ((window.askedFor = asked), (held = of(${JSON.stringify(service.subscription)})));`,
  );
  await page.click("settings-open");
  await page.click("browser-push-switch");
  await until("it is on", async () => (await page.run(`return document.querySelector('[data-testid="browser-push"]').dataset.state`)) === "on");
  const { key } = (await daemon.call("GET", "/push/key")).body;
  assert.deepEqual(await page.run("return window.askedFor"), { userVisibleOnly: true, applicationServerKey: key });
  const { destinations } = (await daemon.call("GET", "/users/me/destinations")).body;
  assert.deepEqual(destinations.map(({ destination }) => destination.to.kind), ["web_push"]);
  await page.click("settings-back");
});

test("what fires is pushed and shown with symbol, price, move and rule", async () => {
  const draft = { symbol: "AAPL", condition: { kind: "above", value: 240.5 } };
  assert.equal((await daemon.call("POST", "/users/me/alerts", draft)).status, 201);
  await until("the price below the line", async () => (await quote()) === 240);
  yahoo.prices.set("AAPL", 241);
  const [{ headers, body }] = await until("it is pushed", () => service.asked.length > 0 && service.asked);
  assert.deepEqual([headers["content-encoding"], headers.urgency], ["aes128gcm", "high"]);
  const text = service.opened(body);
  const { title, body: words, data } = await delivered(text, () => true);
  assert.match(title, /AAPL.*above 240\.50/);
  assert.match(words, /^241\.00 USD, .+ %/);
  assert.deepEqual(data, { url: "/#open=AAPL", symbol: "AAPL" });
});

test("a push that cannot be read is shown, too", async () => {
  await delivered("nothing", ({ title }) => title === "Quickstocks");
});

test("the address of a notification opens the page at its symbol", async () => {
  const page = await browser.visit("about:blank");
  await browser.visit(`${daemon.origin}/#open=MSFT`);
  await until("the symbol is open", async () => (await page.run("return JSON.parse(localStorage.getItem('view') ?? '{}').symbol")) === "MSFT");
  assert.ok(!(await browser.driver.getCurrentUrl()).includes("open="));
});

test("a browser that the push service knows no more is forgotten", async () => {
  service.answer = 410;
  const [{ destination }] = (await daemon.call("GET", "/users/me/destinations")).body.destinations;
  const tested = await daemon.call("POST", `/users/me/destinations/${destination.id}/test`);
  assert.equal(tested.body.delivered, false);
  const draft = { symbol: "AAPL", condition: { kind: "above", value: 241.5 } };
  assert.equal((await daemon.call("POST", "/users/me/alerts", draft)).status, 201);
  await until("the price below the line", async () => (await quote()) === 241);
  yahoo.prices.set("AAPL", 242);
  await until("it is gone", async () => (await daemon.call("GET", "/users/me/destinations")).body.destinations.length === 0);
});
