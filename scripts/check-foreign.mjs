/**
 * `npm run check:foreign`: what can be proven of Windows and macOS on Linux. Everything compiles for both, without a warning
 * of rustc or clippy; the Windows programs are linked, and their tests and they themselves run under wine.
 * docs/platforms.md says what that proves and what it does not. Logs: target/test-logs.
 */
import { readFileSync } from "node:fs";
import { compiledForMacos, compiledForWindows } from "./foreign/compile.mjs";
import { cpuSeconds } from "./foreign/cpu.mjs";
import { daemon, selftest, theApp, withoutWebView } from "./foreign/programs.mjs";
import { testsUnderWine } from "./foreign/tests.mjs";
import { Wine } from "./foreign/wine.mjs";
import { systemPackages } from "./lib/packages.mjs";
import { LOGS } from "./lib/suites.mjs";
import { script, seconds, Steps, table } from "./lib/steps.mjs";
import { nodePackages } from "./lib/tools.mjs";
import { builtUi } from "./lib/ui.mjs";

/** Lines of a log that are shown where a step fails. */
const TAIL = 60;

/** What each step does with the programs that the first one linked; `wine` where it needs them to run. */
const CHECKS = [
  { name: "Windows: compile, lint, link", work: compiledForWindows },
  { name: "Windows: tests under wine", work: testsUnderWine, wine: true },
  { name: "Windows: quickstocksd.exe", work: daemon, wine: true },
  { name: "Windows: quickstocks.exe --selftest", work: selftest, wine: true },
  { name: "Windows: quickstocks.exe in the tray", work: theApp, wine: true },
  { name: "Windows: no WebView2", work: withoutWebView, wine: true },
  { name: "macOS: compile, lint", work: compiledForMacos },
];

script(async () => {
  const steps = new Steps(3);
  await steps.step("System packages", (speak) => systemPackages("foreign", speak));
  await steps.step("Node packages", nodePackages);
  await steps.step("User interface", builtUi);
  const wine = new Wine();
  const rows = [];
  try {
    for (const check of CHECKS) rows.push(await tried(check, wine));
  } finally {
    await wine.stop();
  }
  process.stdout.write(`\n${table(["check", "result", "time", "CPU", ""], rows)}\nLogs: ${LOGS}\n`);
  return rows.every(([, result]) => result === "ok") ? 0 : 1;
});

/** One check's row: its name, how it went, how long it took, the processors' time, a remark. */
async function tried({ name, work, wine: needed }, wine) {
  process.stdout.write(`\n── ${name}\n`);
  if (needed && !wine.programs) return [name, "FAILED", "–", "–", "there is nothing to run"];
  const [began, used] = [Date.now(), cpuSeconds()];
  const spent = () => [seconds(Date.now() - began), seconds((cpuSeconds() - used) * 1000)];
  try {
    if (needed) await wine.start();
    const note = await work(wine);
    return [name, "ok", ...spent(), note ?? ""];
  } catch (error) {
    process.stdout.write(`${tail(error.log)}\n${name}: ${error.log ? error.message : error.stack}\n`);
    return [name, "FAILED", ...spent(), error.message.split("\n")[0]];
  }
}

function tail(log) {
  if (!log) return "";
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-TAIL).join("\n");
}
