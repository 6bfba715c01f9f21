/** The test suites: what each one runs, and how its own output says how many passed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bin, run, TOP } from "./shell.mjs";

/** Where each suite leaves what it printed. */
export const LOGS = join(TOP, "target", "test-logs");

/** One end-to-end test, or a group of them; what hangs is told as a failure. The longest group takes five minutes on two cores. */
const E2E_LONGEST_MS = 1_200_000;

/**
 * @typedef {{passed: number, failed: number, skipped: number, note?: string}} Outcome
 * What came of a suite. One that could not run at all counts as one failure, with a note.
 */

/** @type {Record<string, () => Promise<Outcome>>} */
export const SUITES = { rust, ui, e2e };

async function rust() {
  const command = ["cargo", "test", "--workspace", "--no-fail-fast"];
  const { code, text } = await logged("rust", command);
  const counted = sum([...text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm)].map(([, ...n]) => n.map(Number)));
  return judged(code, counted, "did not compile");
}

async function ui() {
  const report = join(LOGS, "ui.json");
  rmSync(report, { force: true });
  const config = join(TOP, "ui", "vitest.config.ts");
  const where = existsSync(config) ? ["--config", config] : ["--config", join(TOP, "ui", "vite.config.ts")];
  const command = bin("vitest", "run", "--root", "ui", ...where, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`);
  const { code } = await logged("ui", command);
  const told = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {};
  const counted = [told.numPassedTests ?? 0, told.numFailedTests ?? 0, (told.numPendingTests ?? 0) + (told.numTodoTests ?? 0)];
  return judged(code, counted, "did not start");
}

async function e2e() {
  if (process.platform !== "linux") return { passed: 0, failed: 0, skipped: 1, note: `${process.platform} has no WebDriver for this window` };
  const built = await logged("e2e-build", ["cargo", "build", "--bin", "quickstocks", "--bin", "quickstocksd", "--workspace"]);
  if (built.code !== 0) return { passed: 0, failed: 1, skipped: 0, note: "the programs did not build" };
  const folder = join(TOP, "tests", "e2e");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).map((name) => join(folder, name));
  // The closing lines of the spec reporter are counted: a report to a file is cut off when the runner is made to exit.
  const runner = [process.execPath, "--test", "--test-concurrency=1", "--test-force-exit", `--test-timeout=${E2E_LONGEST_MS}`, "--test-reporter=spec"];
  const { code, text } = await logged("e2e", [...runner, ...files.sort()]);
  const count = (word) => Number(text.match(new RegExp(`^ℹ ${word} (\\d+)$`, "m"))?.[1] ?? 0);
  return judged(code, [count("pass"), count("fail") + count("cancelled"), count("skipped") + count("todo")], "did not start");
}

async function logged(name, command) {
  mkdirSync(LOGS, { recursive: true });
  const log = join(LOGS, `${name}.log`);
  rmSync(log, { force: true });
  const parts = [];
  const code = await run(command, { log, onText: (text) => parts.push(text) });
  return { code, text: parts.join("").replace(/\x1b\[[0-9;]*m/g, "") };
}

function sum(rows) {
  return rows.reduce((total, row) => total.map((n, i) => n + row[i]), [0, 0, 0]);
}

function judged(code, [passed, failed, skipped], whyNone) {
  if (code === 0 && passed > 0) return { passed, failed, skipped };
  const note = passed + failed === 0 ? whyNone : failed === 0 ? `ended with code ${code}` : undefined;
  return { passed, failed: Math.max(failed, 1), skipped, note };
}
