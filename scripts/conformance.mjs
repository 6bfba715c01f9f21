/**
 * `PAHO=/path npm run conformance`: Eclipse Paho's interoperability suites, as they are in a checkout of
 * eclipse/paho.mqtt.testing, against our broker. Each test has a `quickstocksd` of its own. Names after `--` choose tests.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "../tests/e2e/support/daemon.mjs";
import { Process } from "../tests/e2e/support/process.mjs";
import { run, TOP } from "./lib/shell.mjs";
import { script, Stop } from "./lib/steps.mjs";

/** The suites, and how many of each we hold ourselves to. */
const SUITES = [
  { title: "MQTT 3.1.1", file: "client_test.py", least: 9 },
  { title: "MQTT 5", file: "client_test5.py", least: 26 },
];
// One listener for each program that is to end with us.
process.setMaxListeners(0);
const RUNNER = join(TOP, "scripts", "conformance.py");
/** Most of them wait for most of their time. */
const AT_ONCE = 6;
const LONGEST = 180_000;

script(async (wanted) => {
  const folder = join(process.env.PAHO ?? "", "interoperability");
  if (!process.env.PAHO || !existsSync(folder)) {
    throw new Stop("PAHO must name a checkout of https://github.com/eclipse/paho.mqtt.testing: PAHO=/path npm run conformance");
  }
  if ((await run(["cargo", "build", "--package", "quickstocks-server"])) !== 0) return 1;
  const tests = SUITES.flatMap(({ title, file }) => named(folder, file).map((name) => ({ title, file, name })));
  const chosen = tests.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  await each(chosen, AT_ONCE, async (test) => {
    test.said = await said(folder, test);
    process.stdout.write(`${test.title} ${test.name}: ${verdict(test)}\n`);
  });
  process.stdout.write(`\n${table(chosen)}\n`);
  for (const test of chosen.filter(({ said }) => !said.passed)) {
    process.stdout.write(`\n── ${test.title} ${test.name}\n${test.said.text}\n`);
  }
  return SUITES.every(({ title, least }) => passed(chosen, title) >= Math.min(least, of(chosen, title).length)) ? 0 : 1;
});

/** The tests in a suite, in its order. */
function named(folder, file) {
  return [...readFileSync(join(folder, file), "utf8").matchAll(/^ {4}def (test\w*)\(self\)/gm)].map(([, name]) => name);
}

/** Runs one test: whether it passed, and what it printed. */
async function said(folder, { file, name }) {
  const daemon = await Daemon.started({ other: "everyone" });
  try {
    const args = [RUNNER, file, String(daemon.mqtt.port), `Test.${name}`];
    const program = new Process("python3", args, { cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } });
    const late = setTimeout(() => program.stop("SIGKILL"), LONGEST);
    const { code } = await program.ended;
    clearTimeout(late);
    const ran = program.lines.some((line) => line.startsWith("Ran 1 test"));
    return { passed: code === 0 && ran, text: program.lines.slice(-30).join("\n") };
  } finally {
    await daemon.stop();
  }
}

async function each(items, atOnce, work) {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const of = (tests, title) => tests.filter((test) => test.title === title);
const passed = (tests, title) => of(tests, title).filter(({ said }) => said.passed).length;
const verdict = ({ said }) => (said.passed ? "passed" : "failed");

function table(tests) {
  const rows = tests.map((test) => `| ${test.title} | ${test.name} | ${verdict(test)} |`);
  const score = ({ title }) => `${title}: ${passed(tests, title)} of ${of(tests, title).length}`;
  return `| suite | test | |\n|---|---|---|\n${rows.join("\n")}\n\n${SUITES.map(score).join(" · ")}`;
}
