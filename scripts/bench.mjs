/** `npm run bench`: every benchmark, release builds, their tables in target/bench.md too. `npm run bench -- broker` runs those named. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, TOP } from "./lib/shell.mjs";
import { script, Steps, Stop } from "./lib/steps.mjs";
import { builtUi } from "./lib/ui.mjs";
import { setup, SETUP_STEPS } from "./setup.mjs";

const BENCHES = {
  broker: { title: "Broker, beside mosquitto", command: ["cargo", "bench", "--package", "broker", "--bench", "mosquitto"] },
  engine: { title: "Quote engine", command: ["cargo", "bench", "--package", "quote-engine", "--bench", "decode", "--bench", "feed"] },
  following: {
    title: "Following ten thousand symbols; a thousand of them beside other libraries",
    build: ["cargo", "build", "--release", "--package", "quickstocks-server"],
    command: [process.execPath, join("tests", "e2e", "bench-engine.mjs")],
    env: { PROFILE: "release" },
  },
  freshness: {
    title: "Freshness and start, end to end",
    build: ["cargo", "build", "--release", "--bin", "quickstocks", "--bin", "quickstocksd", "--workspace"],
    command: [process.execPath, join("tests", "e2e", "bench-freshness.mjs")],
    env: { PROFILE: "release" },
  },
  ui: {
    title: "The interface while a market moves",
    build: ["cargo", "build", "--release", "--bin", "quickstocks", "--bin", "quickstocksd", "--workspace"],
    command: [process.execPath, join("tests", "e2e", "bench-ui.mjs")],
    env: { PROFILE: "release" },
  },
};
const RESULT = join(TOP, "target", "bench.md");

script(async (wanted) => {
  const unknown = wanted.find((name) => !(name in BENCHES));
  if (unknown) throw new Stop(`There is no bench “${unknown}”. Benches: ${Object.keys(BENCHES).join(", ")}.`);
  const steps = new Steps(SETUP_STEPS + 1);
  await setup("test", steps);
  await steps.step("User interface", builtUi);
  const chosen = Object.entries(BENCHES).filter(([name]) => wanted.length === 0 || wanted.includes(name));
  const results = [];
  for (const [, bench] of chosen) results.push(await measured(bench));
  writeFileSync(RESULT, results.map(({ title, table }) => `## ${title}\n\n${table}\n`).join("\n"));
  process.stdout.write(`\n${"─".repeat(60)}\n${results.map(({ title, table }) => `\n${title}\n\n${table}\n`).join("")}\nAlso in ${RESULT}\n`);
  return results.every(({ fine }) => fine) ? 0 : 1;
});

async function measured({ title, build, command, env }) {
  process.stdout.write(`\n── ${title}\n`);
  if (build && (await run(build)) !== 0) return { title, fine: false, table: "did not build" };
  const parts = [];
  const code = await run(command, { env, onText: (text) => parts.push(text) });
  const tables = tablesIn(parts.join(""));
  return { title, fine: code === 0 && tables !== "", table: tables || "printed no table" };
}

/** The Markdown tables in what a bench printed, whatever stands around them. */
function tablesIn(text) {
  const lines = text.split("\n");
  const kept = lines.filter((line, i) => line.startsWith("|") || (i > 0 && lines[i - 1].startsWith("|")));
  return kept.map((line) => (line.startsWith("|") ? line : "")).join("\n").trim();
}
