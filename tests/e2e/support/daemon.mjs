/** A `quickstocksd` with a data folder of its own, and its REST interface as a client sees it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listening } from "./listening.mjs";
import { built, Process, scratch } from "./process.mjs";

/**
 * @typedef {object} Wishes
 * @property {string} [feed] provider; `simulated` unless said
 * @property {string[]} [symbols] always followed
 * @property {{url: string}} [yahoo] a stand-in for Yahoo
 * @property {string} [interval] how often a symbol is asked for
 * @property {number} [budget] requests a second
 * @property {string} [tick] how often each simulated price moves
 * @property {string} [data] an existing data folder
 * @property {"none" | "users" | "everyone"} [other] who may use topics outside the root
 * @property {{host: string, port: number}} [elsewhere] a broker to use instead of the one inside
 * @property {boolean} [homeAssistant] whether what is followed is announced
 * @property {string} [extra] further TOML, whole tables
 */

/** A running `quickstocksd all`. */
export class Daemon {
  /** @param {Wishes} [wishes] */
  constructor(wishes = {}) {
    this.data = wishes.data ?? scratch();
    this.config = join(this.data, "test.toml");
    this.elsewhere = wishes.elsewhere;
    writeFileSync(this.config, configuration(this.data, wishes));
  }

  /**
   * Starts one and waits until it says that it is ready.
   * @param {Wishes} [wishes]
   */
  static async started(wishes) {
    const daemon = new Daemon(wishes);
    await daemon.start();
    return daemon;
  }

  async start() {
    this.process = new Process(built("quickstocksd"), ["--config", this.config, "all"], { env: clean() });
    await this.process.line(/^ready$/);
    [this.mqtt, this.api] = await Promise.all([this.elsewhere ?? listening(this.process, "mqtt"), listening(this.process, "api")]);
    this.token = readFileSync(join(this.data, "token"), "utf8").trim();
    return this;
  }

  /** The web page's address with its one-time login code. */
  async loginLink() {
    const [link] = await this.process.line(/https?:\/\/\S+#\S+/);
    return link;
  }

  get origin() {
    return `http://${this.api.host}:${this.api.port}`;
  }

  /** One REST call as user `me`: status and decoded body. */
  async call(method, path, body) {
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    return { status: answer.status, body: text && answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text };
  }

  stop(signal) {
    return this.process.stop(signal);
  }
}

/** The environment without any of our own settings, so that a developer's shell changes no test. */
export function clean(added = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("QUICKSTOCKS_") && name !== "RUST_LOG");
  return { ...Object.fromEntries(kept), ...added };
}

function configuration(data, { feed = "simulated", symbols = [], yahoo, interval = "1s", budget = 20, tick = "200ms", other = "none", elsewhere, homeAssistant = false, extra = "" }) {
  return `data_dir = ${JSON.stringify(data)}
[feed]
provider = "${yahoo ? "yahoo" : feed}"
poll_interval = "${interval}"
symbols = ${JSON.stringify(symbols)}
[broker]
listen = "127.0.0.1:0"
other_topics = "${other}"
home_assistant = ${homeAssistant}
url = "${elsewhere ? `mqtt://${elsewhere.host}:${elsewhere.port}` : ""}"
[api]
listen = "127.0.0.1:0"
[provider.simulated]
tick_interval = "${tick}"
[provider.yahoo]
query_urls = ["${yahoo?.url ?? "http://127.0.0.1:9"}"]
cookie_url = "${yahoo?.url ?? "http://127.0.0.1:9"}/cookie"
stream_url = ""
requests_per_second = ${budget}
${extra}`;
}
