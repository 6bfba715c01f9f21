/**
 * Half an hour with a provider that fails in changing ways: `node tests/e2e/soak.mjs [minutes] [seed]`. Every published price must
 * be one that the stand-in gave, its requests must never become a storm, and once it is well again prices must come back.
 * Prints what happened in each way of failing; ends with 1 where a promise broke.
 */
import { markdown } from "../../scripts/lib/steps.mjs";
import { Daemon } from "./support/daemon.mjs";
import { Listener } from "./support/mqtt.mjs";
import { StandIn } from "./support/yahoo.mjs";
import { cpuSeconds, memory } from "./support/usage.mjs";

const MINUTES = Number(process.argv[2] ?? 30);
const SEED = Number(process.argv[3] ?? 1);
const FAULTS = ["429", "500", "401", "no crumb", "html", "truncated", "silent", "dropped"];
/** How long it fails, and how long it is well before the next fault; each between these, in seconds. */
const [FAULT, WELL] = [[5, 60], [20, 90]];
/** Of one second's budget of 2 and what a new session needs. */
const REQUESTS_IN_10_S_MAX = 30;
/** A repeated 429 pauses longest. */
const BACK_WITHIN_S = 150;

/** The same numbers for the same seed. */
function numbers(seed) {
  let state = seed;
  return ([from, to]) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return from + (state / 2_147_483_648) * (to - from);
  };
}

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));

class Soak {
  constructor(yahoo, reader) {
    Object.assign(this, { yahoo, reader, read: 0, given: new Set(), wrong: [], tally: new Map() });
  }

  /** Every price ever given stays a right one: the newest of each symbol may be kept for long. */
  check() {
    for (const { prices } of this.yahoo.answered) for (const [symbol, price] of Object.entries(prices)) this.given.add(`${symbol} ${price}`);
    const heard = this.reader.messages.slice(this.read).filter(({ payload }) => payload);
    this.read = this.reader.messages.length;
    for (const { payload } of heard) {
      const { symbol, price, source } = JSON.parse(payload);
      if (source !== "yahoo" || !this.given.has(`${symbol} ${price}`)) this.wrong.push(`${symbol} ${price} ${source}`);
    }
    return heard.length;
  }

  /** Fails in one way for a while, then is well; how soon prices come again. */
  async round(mode, failing, well) {
    this.check();
    const [asked, since] = [this.yahoo.asked.length, performance.now()];
    this.yahoo.mode = mode;
    await seconds(failing);
    const requests = this.yahoo.asked.length - asked;
    this.check();
    this.yahoo.mode = "ok";
    const back = await this.#back();
    await seconds(well);
    const kept = this.tally.get(mode) ?? { times: 0, failing: 0, requests: 0, back: 0 };
    this.tally.set(mode, { times: kept.times + 1, failing: kept.failing + failing, requests: kept.requests + requests, back: Math.max(kept.back, back) });
    return performance.now() - since;
  }

  async #back() {
    const since = performance.now();
    const answers = this.yahoo.answered.length;
    while (this.yahoo.answered.length === answers || this.check() === 0) {
      if (performance.now() - since > BACK_WITHIN_S * 2000) return Infinity;
      await seconds(0.1);
    }
    return (performance.now() - since) / 1000;
  }

  /** The most requests in any ten seconds. */
  storm() {
    const times = this.yahoo.asked.map(({ at }) => at);
    let [most, from] = [0, 0];
    for (let to = 0; to < times.length; to += 1) {
      while (times[to] - times[from] > 10_000) from += 1;
      most = Math.max(most, to - from + 1);
    }
    return most;
  }
}

const yahoo = await StandIn.started();
yahoo.step = 0.01;
const daemon = await Daemon.started({ yahoo, interval: "5s", budget: 2 });
const reader = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/#");
const soak = new Soak(yahoo, reader);
const between = numbers(SEED);
const end = performance.now() + MINUTES * 60_000;
const before = memory(daemon.process.pid).now;
for (let n = 0; performance.now() < end; n += 1) {
  const mode = FAULTS[n % FAULTS.length];
  await soak.round(mode, between(FAULT), between(WELL));
}
const [storm, backs] = [soak.storm(), [...soak.tally.values()].map(({ back }) => back)];
const rows = [...soak.tally].map(([mode, { times, failing, requests, back }]) => [mode, String(times), `${failing.toFixed(0)} s`, String(requests), `${back.toFixed(1)} s`]);
console.log(markdown([`way of failing (${MINUTES} min, seed ${SEED})`, "times", "in all", "requests meanwhile", "prices again after, at the most"], rows));
console.log(`quotes heard ${reader.messages.length}, wrong ${soak.wrong.length}; requests ${yahoo.asked.length}, most in 10 s ${storm}; memory ${before.toFixed(1)} → ${memory(daemon.process.pid).now.toFixed(1)} MiB; processor ${cpuSeconds(daemon.process.pid).toFixed(1)} s`);
await reader.close();
await daemon.stop();
await yahoo.stop();
const broken = [
  soak.wrong.length > 0 && `prices nobody gave: ${soak.wrong.slice(0, 5).join(", ")}`,
  storm > REQUESTS_IN_10_S_MAX && `a storm: ${storm} requests in ten seconds`,
  backs.some((back) => back > BACK_WITHIN_S) && "prices did not come back in time",
].filter(Boolean);
for (const promise of broken) console.error(promise);
process.exit(broken.length ? 1 : 0);
