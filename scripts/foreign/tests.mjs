/** The tests, as Windows programs. */
import { basename, join } from "node:path";
import { TOP } from "../lib/shell.mjs";
import { Failed, logOf } from "./compile.mjs";

/** How long one program may run. */
const LONGEST_MS = 600_000;
/** Test programs that are left out, and why. */
const LEFT_OUT = {
  "app/architecture": "it asks Linux's cargo about the sources",
  "server/logins": "a thousand log-ins at once take longer on wine's sockets than they may",
  "server/home_assistant": "what it waits for takes longer on wine's sockets than it may",
};
/** Single tests that are left out, and why. */
const SKIPPED = {
  "app/commands": { who_starts_again_without_the_cache_keeps_everything_else: "wine 8 keeps the name of an open file that is removed" },
  "quote-engine/provider_yahoo_answers": { a_gzip_bomb_is_counted_unpacked: "unpacking takes longer there than an answer may" },
  "server/push": { over_https_the_cookie_goes_nowhere_without: "wine's store takes no certificate of a test's own" },
  "broker/handshake": { a_reset_before_the_connack_harms_nobody: "fifty resets take longer on wine's sockets than they may" },
};

/** Runs every test program; what came of all of them. */
export async function testsUnderWine(wine) {
  const counted = { passed: 0, failed: 0, ignored: 0 };
  const wrong = [];
  for (const program of wine.programs.filter(({ test }) => test)) {
    const name = `${program.package === "." ? "app" : basename(program.package)}/${program.name}`;
    if (LEFT_OUT[name]) {
      process.stdout.write(`  ${name}: left out, ${LEFT_OUT[name]}\n`);
      continue;
    }
    const told = await ran(wine, program, name);
    process.stdout.write(`  ${name}: ${told.text}\n`);
    for (const what of Object.keys(counted)) counted[what] += told[what] ?? 0;
    if (!told.fine) wrong.push(told.log);
  }
  if (wrong.length) throw new Failed(`${wrong.length} test programs failed`, wrong[0]);
  return `${counted.passed} passed, ${counted.ignored} ignored`;
}

async function ran(wine, program, name) {
  const log = logOf(`wine-${name.replace("/", "-")}`);
  const skipped = Object.keys(SKIPPED[name] ?? {});
  const args = ["--test-threads=2", ...skipped.flatMap((test) => ["--skip", test])];
  const running = wine.runs(program.path, args, { log, env: { RUST_BACKTRACE: "0" }, cwd: join(TOP, program.package) });
  const end = await running.ends(0, LONGEST_MS).catch((error) => error);
  const [, passed, failed, ignored] = running.text.match(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/m) ?? [];
  const without = Object.entries(SKIPPED[name] ?? {}).map(([test, why]) => `, without ${test}: ${why}`);
  const text = (end?.message ?? `${passed} passed`) + without.join("");
  return { fine: !end, text, log, passed: Number(passed ?? 0), failed: Number(failed ?? 0), ignored: Number(ignored ?? 0) };
}
