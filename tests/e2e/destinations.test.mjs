/** Alerts on their way to a real mail server and to a webhook, over refusals, silence and `kill -9`. Prices come from a stand-in for Yahoo. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Daemon } from "./support/daemon.mjs";
import { Process, scratch, TOP } from "./support/process.mjs";
import { until } from "./support/until.mjs";
import { StandIn } from "./support/yahoo.mjs";

/** The system's own, which its packages are for. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
const PASSWORD = "of the ticker";
/** @type {StandIn} */ let yahoo;
/** @type {Daemon} */ let daemon;
/** @type {MailServer} */ let mail;
/** @type {string} */ let folder;
let price = 240;

/** A mail server in Python, and the letters that it has taken. */
class MailServer {
  static async started(mood = []) {
    const server = new MailServer();
    const args = [join(TOP, "tests/e2e/support/mail_server.py"), join(folder, "cert.pem"), join(folder, "key.pem"), "ticker", PASSWORD, ...mood];
    server.process = new Process(PYTHON, args);
    server.port = JSON.parse((await server.process.line(/"port"/)).input).port;
    return server;
  }

  get letters() {
    return this.process.lines.filter((line) => line.includes('"body"')).map((line) => JSON.parse(line));
  }
}

/** A webhook that keeps what it is told, at a port that it can come back to. */
class Hook {
  asked = [];
  answer = 200;

  async listen(port = 0) {
    this.server = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => (body += piece));
      request.on("end", () => {
        this.asked.push({ headers: request.headers, ...JSON.parse(body) });
        response.writeHead(this.answer).end("told");
      });
    });
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    return this;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

function wishes() {
  const extra = `[network]
ca_file = ${JSON.stringify(join(folder, "cert.pem"))}
[mail]
server = "localhost"
port = ${mail.port}
user = "ticker"
password_file = ${JSON.stringify(join(folder, "password"))}
from = "Ticker <ticker@example.org>"
[destinations]
private_hosts = ["127.0.0.1"]
`;
  return { data: folder, yahoo, interval: "1s", extra };
}

async function put(id, to) {
  const { status, body } = await daemon.call("PUT", `/users/me/destinations/${id}`, { name: id, to });
  assert.ok(status === 201 || status === 204, `${status} ${JSON.stringify(body)}`);
}

/** Lets the price rise over a line of its own; what is told of it names the line. */
async function fire() {
  const line = price + 0.5;
  const draft = { symbol: "AAPL", condition: { kind: "above", value: line } };
  assert.equal((await daemon.call("POST", "/users/me/alerts", draft)).status, 201);
  // The rule has to see the price below its line first.
  await until("the price below the line", async () => (await quote()) === price);
  price += 1;
  yahoo.prices.set("AAPL", price);
  await until("the price above the line", async () => (await quote()) === price);
  return line;
}
const quote = async () => (await daemon.call("GET", "/quotes/AAPL")).body.price;
const undelivered = async () => (await daemon.call("GET", "/users/me/undelivered")).body;

before(async () => {
  folder = scratch();
  writeFileSync(join(folder, "password"), PASSWORD);
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject], { stdio: "ignore" });
  mail = await MailServer.started();
  yahoo = await StandIn.started();
  yahoo.prices.set("AAPL", price);
  daemon = await Daemon.started(wishes());
});
after(async () => {
  await daemon?.stop();
  await yahoo?.stop();
  await mail?.process.stop();
});

test("a letter goes by TLS and a login, and says what fired", async () => {
  await put("mail", { kind: "email", address: "me@example.net" });
  const tested = await daemon.call("POST", "/users/me/destinations/mail/test");
  assert.deepEqual([tested.body.delivered, tested.body.said.includes("kept")], [true, true], JSON.stringify(tested.body));
  const line = await fire();
  const letter = await until("a letter", () => mail.letters[1]);
  assert.deepEqual([letter.tls, letter.to], [true, ["me@example.net"]]);
  assert.ok(letter.headers.subject.includes("AAPL") && letter.headers.subject.includes(line.toFixed(2)), letter.headers.subject);
  assert.equal(letter.headers["auto-submitted"], "auto-generated");
  assert.match(letter.body, /241\.00 USD/);
});

test("a mailbox that does not exist is given up and told; a login that is refused is not", async () => {
  const refusing = await MailServer.started(["refuse"]);
  await daemon.stop();
  const [kept, port] = [mail, mail.port];
  mail = refusing;
  daemon = await Daemon.started(wishes());
  await fire();
  const [letter] = await until("it is given up", async () => ((await undelivered()).length ? undelivered() : null));
  assert.match(letter.reason, /550.*nobody of that name/);
  await daemon.stop();
  mail = kept;
  assert.equal(mail.port, port);
  daemon = await Daemon.started(wishes());
  const before = mail.letters.length;
  assert.equal((await daemon.call("POST", `/users/me/undelivered/${letter.id}/retry`)).status, 204);
  await until("it arrives after all", () => mail.letters.length === before + 1);
  assert.deepEqual(await undelivered(), []);
  writeFileSync(join(folder, "password"), "of somebody else");
  const { body } = await daemon.call("POST", "/users/me/destinations/mail/test");
  assert.deepEqual([body.delivered, /535/.test(body.said)], [false, true], JSON.stringify(body));
  writeFileSync(join(folder, "password"), PASSWORD);
  await refusing.process.stop();
});

test("what waits survives kill -9 and arrives once", async () => {
  const hook = await new Hook().listen();
  await put("mail", { kind: "email", address: "me@example.net" });
  await put("hook", { kind: "webhook", url: `http://127.0.0.1:${hook.port}/` });
  await hook.close();
  const line = await fire();
  const waits = async () => (await daemon.call("GET", "/users/me/destinations")).body.destinations.find(({ destination }) => destination.id === "hook").waiting;
  await until("it waits", async () => (await waits()) === 1);
  await daemon.stop("SIGKILL");
  await hook.listen(hook.port);
  await daemon.start();
  const told = await until("the webhook is told", () => hook.asked[0]);
  assert.deepEqual([told.type, told.data.condition], ["alert.fired", { kind: "above", value: line }]);
  await until("nothing waits", async () => (await waits()) === 0);
  assert.equal(hook.asked.length, 1);
  await daemon.stop("SIGKILL");
  await daemon.start();
  const next = await fire();
  await until("the next one", () => hook.asked.some(({ data }) => data.condition.value === next));
  assert.equal(hook.asked.filter(({ data }) => data.condition.value === line).length, 1, "nothing comes again");
  await hook.close();
});
