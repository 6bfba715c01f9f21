/** `npm test`: sets up what is missing and runs every suite; `npm test -- ui` runs those named. Logs: target/test-logs. */
import { setup, SETUP_STEPS } from "./setup.mjs";
import { script, seconds, Steps, Stop, table } from "./lib/steps.mjs";
import { LOGS, SUITES } from "./lib/suites.mjs";
import { builtUi } from "./lib/ui.mjs";

script(async (wanted) => {
  const names = Object.keys(SUITES);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown) throw new Stop(`There is no suite “${unknown}”. Suites: ${names.join(", ")}.`);
  const steps = new Steps(SETUP_STEPS + 1);
  await setup("test", steps);
  await steps.step("User interface", builtUi);
  const rows = [];
  for (const name of names.filter((each) => wanted.length === 0 || wanted.includes(each))) rows.push(await timed(name));
  return closing(rows);
});

async function timed(name) {
  process.stdout.write(`\n── ${name} ${"─".repeat(60 - name.length)}\n`);
  const started = Date.now();
  const outcome = await SUITES[name]();
  return { name, ...outcome, took: seconds(Date.now() - started) };
}

function closing(rows) {
  const total = (key) => rows.reduce((n, row) => n + row[key], 0);
  const cells = rows.map((row) => [row.name, row.passed, row.failed, row.skipped, row.took, row.note ?? ""]);
  process.stdout.write(`\n${table(["suite", "passed", "failed", "skipped", "time", ""], cells)}\nLogs: ${LOGS}\n\n`);
  const skipped = total("skipped") ? `, ${total("skipped")} skipped` : "";
  process.stdout.write(`${total("passed")} passed, ${total("failed")} failed${skipped}\n`);
  return total("failed") === 0 ? 0 : 1;
}
