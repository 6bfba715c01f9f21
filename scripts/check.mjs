/** `npm run check`: formatters, linters, type checks and the rules of the tree, all of them even when one fails. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setup, SETUP_STEPS } from "./setup.mjs";
import { npm, run, TOP } from "./lib/shell.mjs";
import { script, seconds, Steps, table } from "./lib/steps.mjs";
import { builtUi, heavyStart } from "./lib/ui.mjs";

const SCRIPTS = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")).scripts;

/** @type {Record<string, () => Promise<boolean> | boolean>} */
const CHECKS = {
  "Rust format": command("cargo", "fmt", "--all", "--check"),
  "licences, bans, sources": command(process.execPath, "scripts/supply.mjs", "licences"),
  workflows: command(process.execPath, "scripts/workflows.mjs"),
  "UI types and lint": command(...npm("run", "--silent", "check:ui")),
  "UI starts light": none(heavyStart),
  "scripts parse": scriptsParse,
  clippy: command("cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"),
  "architecture rules": command("cargo", "test", "--quiet", "--package", "quickstocks", "--test", "architecture"),
};

script(async () => {
  const steps = new Steps(SETUP_STEPS + 1);
  await setup("run", steps);
  await steps.step("User interface", SCRIPTS["build:ui"] && existsSync(join(TOP, "ui")) ? builtUi : () => "none");
  const rows = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    process.stdout.write(`\n── ${name}\n`);
    const started = Date.now();
    const fine = await check();
    rows.push([name, fine ? "ok" : "FAILED", seconds(Date.now() - started)]);
  }
  process.stdout.write(`\n${table(["check", "result", "time"], rows)}\n`);
  return rows.every(([, result]) => result === "ok") ? 0 : 1;
});

function command(...words) {
  return async () => (await run(words)) === 0;
}

/** A check that lists what should not be there. */
function none(offenders) {
  return () => {
    const found = offenders();
    for (const line of found) process.stdout.write(`  ${line}\n`);
    return found.length === 0;
  };
}

async function scriptsParse() {
  const files = ["scripts", "scripts/lib", "tests/e2e", "tests/e2e/support", "tests/packages", "tests/packages/support"]
    .filter((folder) => existsSync(join(TOP, folder)))
    .flatMap((folder) => readdirSync(join(TOP, folder)).filter((name) => name.endsWith(".mjs")).map((name) => join(folder, name)));
  const codes = await Promise.all(files.map((file) => run([process.execPath, "--check", file])));
  return codes.every((code) => code === 0);
}
