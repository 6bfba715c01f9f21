/**
 * What following costs: `quickstocksd` with ten thousand symbols at five seconds, in steady state, and a thousand symbols read
 * once beside two libraries that do the same. All against one local stand-in, which is a process of its own. Prints two Markdown
 * tables; Linux only.
 */
import { markdown } from "../../scripts/lib/steps.mjs";
import { BusyYahoo, symbolAt } from "./support/busy-yahoo.mjs";
import { Daemon } from "./support/daemon.mjs";
import { Listener } from "./support/mqtt.mjs";
import { peers, readOnce } from "./support/peers.mjs";
import { quantile } from "./support/samples.mjs";
import { until } from "./support/until.mjs";
import { cpuSeconds, load, memory } from "./support/usage.mjs";

const SYMBOLS = Number(process.env.SYMBOLS ?? 10_000);
const SECONDS = Number(process.env.SECONDS ?? 60);
const WARM_UP_SECONDS = Number(process.env.WARM_UP ?? 15);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const INTERVAL_SECONDS = 5;
const ONCE = 1000;
/** Symbols in a request at the most. */
const BATCH = 99;
/** A symbol may be asked for so much of its interval early, where that fills a request that is made anyway. */
const EARLY_MAX = 0.5;

const named = (count) => Array.from({ length: count }, (_, n) => symbolAt(n));

/** The whole list followed, nobody connected; every price moves in every answer. */
async function steady() {
  const yahoo = await BusyYahoo.started(SYMBOLS);
  const daemon = await Daemon.started({ yahoo, symbols: named(SYMBOLS), interval: `${INTERVAL_SECONDS}s`, budget: 25 });
  await until("every symbol", async () => (await yahoo.report()).asked === SYMBOLS, { within: 120_000, every: 500 });
  await passed(WARM_UP_SECONDS);
  await yahoo.reset();
  const { pid } = daemon.process;
  const [before, since] = [cpuSeconds(pid), performance.now()];
  await passed(SECONDS);
  const took = (performance.now() - since) / 1000;
  const [cpu, used, report] = [cpuSeconds(pid) - before, memory(pid), await yahoo.report()];
  await daemon.stop();
  await yahoo.stop();
  return { cpu: (cpu / took) * 100, used, report, sweeps: took / INTERVAL_SECONDS, load: load() };
}

/** Lets time pass: what is measured here is time itself. */
function passed(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function steadyTable({ cpu, used, report, sweeps, load: busy }) {
  const floor = Math.ceil(SYMBOLS / BATCH);
  const requests = report.requests["v7/finance/quote"] / sweeps;
  const interval = INTERVAL_SECONDS * (1 - EARLY_MAX);
  const soonest = (report.soonest ?? Infinity) / 1000;
  return markdown(
    [`${SYMBOLS} symbols every ${INTERVAL_SECONDS} s, over ${SECONDS} s (load ${busy})`, "measured", "goal", "met"],
    [
      ["processor, part of a core", `${cpu.toFixed(1)} %`, "≤ 5 %", yes(cpu <= 5)],
      ["resident memory, without clients", `${used.now.toFixed(1)} MiB (own ${used.own.toFixed(1)}, peak ${used.peak.toFixed(1)})`, "≤ 60 MiB", yes(used.now <= 60)],
      ["requests a sweep", requests.toFixed(1), `${floor}`, yes(requests <= floor + 0.5)],
      ["questions for the symbol that was asked for the most", `${report.often}`, `≤ ${Math.ceil(sweeps) + 1}`, yes(report.often <= Math.ceil(sweeps) + 1)],
      ["shortest time between two questions for a symbol", `${soonest.toFixed(2)} s`, `≥ ${interval} s, early where it fills a request`, yes(soonest >= interval)],
    ],
  );
}

const yes = (met) => (met ? "yes" : "no");

/** Ours: a fresh process, until an MQTT client holds every price. */
async function ours(yahoo) {
  await yahoo.reset();
  const began = performance.now();
  const daemon = await Daemon.started({ yahoo, symbols: named(ONCE), interval: "60s", budget: 25 });
  const reader = await Listener.to(daemon.mqtt, "quickstocks/v1/quote/+");
  await until("every quote", () => reader.heard.size === ONCE, { within: 60_000, every: 10 });
  const [wall, cpu] = [(performance.now() - began) / 1000, cpuSeconds(daemon.process.pid)];
  const { requests } = await yahoo.report();
  await reader.close();
  await daemon.stop();
  return { wall, cpu, requests, prices: reader.heard.size };
}

/** One of the others, as a fresh process too. */
async function theirs(peer, yahoo) {
  await yahoo.reset();
  const run = await readOnce(peer, yahoo.url, ONCE);
  return { ...run, requests: (await yahoo.report()).requests };
}

/** Everybody in turn, several times over, so that the machine's mood is the same for all. */
async function compared() {
  const yahoo = await BusyYahoo.started(ONCE);
  const others = await peers();
  const runs = new Map([["quickstocksd", []], ...others.map(({ name }) => [name, []])]);
  // The first round fills everybody's caches and does not count.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const done = [["quickstocksd", await ours(yahoo)]];
    for (const peer of others) done.push([peer.name, await theirs(peer, yahoo)]);
    if (round > 0) for (const [name, run] of done) runs.get(name).push(run);
  }
  await yahoo.stop();
  return runs;
}

function comparedTable(runs) {
  const median = (name, what) => quantile(runs.get(name).map((run) => run[what]), 0.5);
  const rows = [...runs.keys()].map((name) => {
    const all = Object.entries(runs.get(name)[0].requests);
    const total = all.reduce((sum, [, count]) => sum + count, 0);
    const ratio = (what) => (median(name, what) / median("quickstocksd", what)).toFixed(1);
    return [
      [name, runs.get(name)[0].version].filter(Boolean).join(" "),
      `${total} (${all.map(([what, count]) => `${count} ${what}`).join(", ")})`,
      `${median(name, "cpu").toFixed(2)} s`, ratio("cpu"), `${median(name, "wall").toFixed(2)} s`, ratio("wall"), String(median(name, "prices")),
    ];
  });
  return markdown([`${ONCE} symbols once, median of ${ROUNDS} (load ${load()})`, "requests", "processor", "ratio", "wall time", "ratio", "prices had"], rows);
}

const only = process.argv[2];
const tables = [];
if (only !== "compare") tables.push(steadyTable(await steady()));
if (only !== "steady") tables.push(comparedTable(await compared()));
process.stdout.write(`\n${tables.join("\n\n")}\n`);
process.exit(0);
